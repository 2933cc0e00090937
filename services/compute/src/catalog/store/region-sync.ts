import { run, sql, type Tx } from '@nefos/service-kit';
import type { CloudFlavor, CloudImage, CloudNetwork, CloudSubnet } from '../cloud-catalog.js';

// What a cloud has, by the cloud's ids. SQL: all rows of a kind in one statement.

/** Rows of one kind that a synchronisation made, changed, and took out of use. */
export interface Synced {
  added: number;
  known: number;
  gone: number;
}
const counted = async (tx: Tx, text: string, values: readonly unknown[]): Promise<{ added: number; known: number }> => {
  const rows = await sql<{ added: boolean }>(tx, text, values);
  const added = rows.filter((row) => row.added).length;
  return { added, known: rows.length - added };
};
const GIVEN = 'from jsonb_to_recordset($2::jsonb) x';
const idsOf = (all: readonly { backendId: string }[]): string[] => all.map(({ backendId }) => backendId);

/** Names that rows of the region have which are not these of the cloud; of a table that has each name once. */
export const listTakenNames = async (
  tx: Tx,
  table: 'flavor' | 'network',
  region: string,
  all: readonly { backendId: string }[],
): Promise<string[]> =>
  (
    await sql<{ name: string }>(
      tx,
      `select name from ${table} where region_id = $1 and (backend_id is null or not backend_id = any($2::text[]))`,
      [region, idsOf(all)],
    )
  ).map(({ name }) => name);
/** Whether clients may use a flavor is the cloud's word once, and then the staff's; a gone one is disabled. */
export const syncFlavors = async (tx: Tx, region: string, all: readonly CloudFlavor[]): Promise<Synced> => ({
  ...(await counted(
    tx,
    `insert into flavor (id, region_id, backend_id, name, vcpus, memory_mb, root_gb, ephemeral_gb, swap_mb, is_public,
      disabled)
    select gen_random_uuid(), $1, x."backendId", x.name, x.vcpus, x."memoryMb", x."rootGb", x."ephemeralGb", x."swapMb",
      x."isPublic", x.disabled
    ${GIVEN}("backendId" text, name text, vcpus int, "memoryMb" int, "rootGb" int, "ephemeralGb" int, "swapMb" int,
      "isPublic" boolean, disabled boolean)
    on conflict (region_id, backend_id) where backend_id is not null do update set name = excluded.name,
      vcpus = excluded.vcpus, memory_mb = excluded.memory_mb, root_gb = excluded.root_gb,
      ephemeral_gb = excluded.ephemeral_gb, swap_mb = excluded.swap_mb, disabled = flavor.disabled or excluded.disabled
    returning xmax = 0 added`,
    [region, JSON.stringify(all)],
  )),
  gone: await run(
    tx,
    `update flavor set disabled = true
    where region_id = $1 and backend_id is not null and not disabled and not backend_id = any($2::text[])`,
    [region, idsOf(all)],
  ),
});
/**
 * Public images only: those of clients come and go with their snapshots. One that is gone is deactivated, and active
 * again when it is back; one that staff deactivated stays so.
 */
export const syncImages = async (tx: Tx, region: string, all: readonly CloudImage[]): Promise<Synced> => {
  const columns = `x("backendId" text, name text, "diskFormat" text, "containerFormat" text, "minDisk" int,
      "minRam" int, size bigint, "osDistro" text, "osVersion" text, architecture text, "guestAgent" boolean)`;
  const values = [region, JSON.stringify(all)];
  const known = await run(
    tx,
    `update image i set name = x.name, gone = false,
      status = case when i.gone and i.status = 'deactivated' then 'active' else i.status end,
      min_disk = x."minDisk", min_ram = x."minRam", size = x.size,
      os_distro = x."osDistro", os_version = x."osVersion", architecture = x.architecture,
      hw_qemu_guest_agent = x."guestAgent", updated_at = now()
    from jsonb_to_recordset($2::jsonb) ${columns}
    where i.region_id = $1 and i.backend_id = x."backendId" and i.status <> 'pending_delete'`,
    values,
  );
  const added = await run(
    tx,
    `insert into image (id, region_id, backend_id, name, type, disk_format, container_format, min_disk, min_ram, size,
      os_distro, os_version, architecture, hw_qemu_guest_agent)
    select gen_random_uuid(), $1, x."backendId", x.name, case x."diskFormat" when 'iso' then 'iso' else 'template' end,
      x."diskFormat", x."containerFormat", x."minDisk", x."minRam", x.size, x."osDistro", x."osVersion", x.architecture,
      x."guestAgent"
    from jsonb_to_recordset($2::jsonb) ${columns}
    where not exists (select from image i where i.region_id = $1 and i.backend_id = x."backendId")`,
    values,
  );
  const gone = await run(
    tx,
    `update image set status = 'deactivated', gone = true, updated_at = now()
    where region_id = $1 and backend_id is not null and project_id is null and visibility = 'public'
      and type in ('template', 'iso') and status = 'active' and not backend_id = any($2::text[])`,
    [region, idsOf(all)],
  );
  return { added, known, gone };
};
/** A gone network is down. A name that staff gave stays. */
export const syncNetworks = async (tx: Tx, region: string, all: readonly CloudNetwork[]): Promise<Synced> => ({
  ...(await counted(
    tx,
    `insert into network (id, region_id, backend_id, name, given_name, shared, router_external, admin_state_up, status,
      mtu)
    select gen_random_uuid(), $1, x."backendId", x.name, x.name, x.shared, x.external, x."adminStateUp", x.status, x.mtu
    ${GIVEN}("backendId" text, name text, shared boolean, external boolean, "adminStateUp" boolean, status text,
      mtu int)
    on conflict (region_id, backend_id) where backend_id is not null do update set
      name = case when network.name = network.given_name then excluded.name else network.name end,
      given_name = excluded.given_name, shared = excluded.shared, router_external = excluded.router_external,
      admin_state_up = excluded.admin_state_up, status = excluded.status, mtu = excluded.mtu
    returning xmax = 0 added`,
    [region, JSON.stringify(all)],
  )),
  gone: await run(
    tx,
    `update network set admin_state_up = false, status = 'DOWN'
    where region_id = $1 and backend_id is not null and project_id is null and admin_state_up
      and not backend_id = any($2::text[])`,
    [region, idsOf(all)],
  ),
});
/** Subnets of the networks that `networks` names, by the cloud's ids. */
export const syncSubnets = async (
  tx: Tx,
  region: string,
  all: readonly CloudSubnet[],
  networks: readonly string[],
): Promise<Synced> => ({
  ...(await counted(
    tx,
    `insert into subnet (id, network_id, backend_id, name, cidr, gateway_ip)
    select gen_random_uuid(), n.id, x."backendId", x.name, x.cidr::cidr, x."gatewayIp"::inet
    ${GIVEN}(network text, "backendId" text, name text, cidr text, "gatewayIp" text)
    join network n on n.region_id = $1 and n.backend_id = x.network
    on conflict (network_id, backend_id) where backend_id is not null do update set name = excluded.name,
      cidr = excluded.cidr, gateway_ip = excluded.gateway_ip
    returning xmax = 0 added`,
    [region, JSON.stringify(all)],
  )),
  gone: await run(
    tx,
    `delete from subnet s using network n where n.id = s.network_id and n.region_id = $1
      and n.backend_id = any($3::text[]) and s.backend_id is not null and not s.backend_id = any($2::text[])`,
    [region, idsOf(all), networks],
  ),
});
