import { prepared, run, sql, type Tx } from '@nefos/service-kit';

// Which addresses of a network are taken. SQL throughout: what is free is computed, and the key of the table lets
// nobody have an address twice.

/** Who takes an address. */
export type AddressOwner = { portId: string; position?: number } | { floatingIpId: string };
const idsOf = (owner: AddressOwner): [string | null, string | null, number] =>
  'portId' in owner ? [owner.portId, null, owner.position ?? 0] : [null, owner.floatingIpId, 0];

/** What a look for a free address has found. `lost`: one was free, and another request was faster. */
export type Taken = { address: string } | 'none' | 'lost';
export interface Wanted {
  networkId: string;
  subnetId: string;
  owner: AddressOwner;
}
/** @param free the select of the first free address: its parameters begin with $6 */
const take = async (
  tx: Tx,
  { networkId, subnetId, owner }: Wanted,
  free: string,
  values: readonly unknown[],
): Promise<Taken> => {
  const [found] = await prepared<{ address: string | null; free: boolean }>(
    tx,
    `with free as (${free}), taken as (
      insert into network_address (network_id, address, subnet_id, port_id, floating_ip_id, position)
      select $1, address, $2::uuid, $3::uuid, $4::uuid, $5::int from free on conflict do nothing returning address)
    select (select host(address) from taken) address, exists (select from free) free`,
    [networkId, subnetId, ...idsOf(owner), ...values],
  );
  if (found?.address) return { address: found.address };
  return found?.free ? 'lost' : 'none';
};
/** Takes the first of these addresses that is free. */
export const takeOneOf = (tx: Tx, wanted: Wanted, candidates: readonly string[]): Promise<Taken> =>
  take(
    tx,
    wanted,
    `select c.address from unnest($6::inet[]) with ordinality c(address, nth)
      where not exists (select from network_address a where a.network_id = $1::uuid and a.address = c.address)
      order by c.nth limit 1`,
    [candidates],
  );
/** As `takeOneOf`, of whole ranges. @param ranges the first address and how many there are */
export const takeInRanges = (
  tx: Tx,
  wanted: Wanted,
  ranges: readonly { start: string; size: number }[],
): Promise<Taken> =>
  take(
    tx,
    wanted,
    `select r.start::inet + n address
      from unnest($6::text[], $7::int[]) with ordinality r(start, size, nth), generate_series(0, r.size - 1) n
      where not exists (select from network_address a where a.network_id = $1::uuid and a.address = r.start::inet + n)
      order by r.nth, n limit 1`,
    [ranges.map(({ start }) => start), ranges.map(({ size }) => size)],
  );
/** Writes an address that the driver has chosen. @returns whether it was free, or this owner's already */
export const recordAddress = async (
  tx: Tx,
  { networkId, owner, address }: { networkId: string; owner: AddressOwner; address: string },
): Promise<boolean> => {
  const values = [networkId, address, ...idsOf(owner)];
  await run(
    tx,
    `insert into network_address (network_id, address, subnet_id, port_id, floating_ip_id, position)
    values ($1, $2::inet, (select id from subnet where network_id = $1 and $2::inet <<= cidr limit 1), $3, $4, $5)
    on conflict do nothing`,
    values,
  );
  return (
    (
      await sql(
        tx,
        `select from network_address where network_id = $1 and address = $2::inet
          and port_id is not distinct from $3 and floating_ip_id is not distinct from $4`,
        values.slice(0, 4),
      )
    ).length > 0
  );
};
/** Gives an address of a port back. @returns whether it had it */
export const dropAddress = async (tx: Tx, portId: string, address: string): Promise<boolean> =>
  (await run(tx, 'delete from network_address where port_id = $1 and address = $2::inet', [portId, address])) > 0;
/** Addresses of a port that are not these. */
export const dropAddressesBut = async (tx: Tx, portId: string, kept: readonly string[]): Promise<void> => {
  await run(tx, 'delete from network_address where port_id = $1 and not address = any($2::inet[])', [portId, kept]);
};

/**
 * Writes the addresses of an instance anew, from its ports. Those of ports that are just being attached are not there
 * yet.
 */
export const refreshAddresses = async (tx: Tx, instanceId: string): Promise<void> => {
  await run(
    tx,
    `with fixed as (
      select n.name network, family(a.address) version, host(a.address) addr, p.mac_address mac,
        row_number() over (order by p.position, p.created_at, p.id, a.position, family(a.address), a.address) nth
      from port p join network_address a on a.port_id = p.id join network n on n.id = p.network_id
      where p.instance_id = $1 and p.mac_address is not null and p.change is distinct from 'attaching')
    update instance set updated_at = now(),
      addresses = coalesce((select jsonb_agg(jsonb_build_object('network', network, 'version', version, 'addr', addr,
        'mac', mac, 'type', 'fixed') order by nth) from fixed), '[]'),
      access_ip = (select addr from fixed order by version, nth limit 1)
    where id = $1 and vm_state <> 'deleted' and vm_state <> 'building'`,
    [instanceId],
  );
};
/** The place of an address among those of its port. */
export const recordPosition = async (tx: Tx, portId: string, address: string, position: number): Promise<void> => {
  await run(tx, 'update network_address set position = $3 where port_id = $1 and address = $2::inet', [
    portId,
    address,
    position,
  ]);
};
