import { compute } from '@nefos/contracts';
import { LOCKS, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { firstAddress, poolsOf } from '../../catalog/address-plan.js';
import type { HostView, NicSpec } from '../driver.js';
import { DESTROYED } from './sim-machines.js';

// Memory of hosts and addresses of networks. SQL, because each statement computes what is free.

/** Machines of one region are placed one at a time: otherwise two could both take the last room. */
export const lockRegion = async (tx: Tx, region: string): Promise<void> => {
  await sql(tx, 'select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.simulatedRegion, region]);
};
/** Memory of a host that is taken: by its machines, and by those that may come back when a resize is reverted. */
const USED = `((select coalesce(sum(m.memory_mb), 0) from sim_machine m
    where m.host = h.host and (${DESTROYED}) is not true)
  + (select coalesce(sum((m.former ->> 'memoryMb')::int), 0) from sim_machine m
    where m.former is not null and m.former ->> 'host' = h.host and (${DESTROYED}) is not true))`;
/** The first host with enough free memory; undefined when there is none. */
export const pickHost = async (
  q: Queryable,
  hosts: readonly string[],
  capacityMb: number,
  memoryMb: number,
): Promise<string | undefined> =>
  (
    await sql<{ host: string }>(
      q,
      `select h.host from unnest($1::text[]) with ordinality h(host, position)
      where ${USED} + $2 <= $3
      order by h.position limit 1`,
      [hosts, memoryMb, capacityMb],
    )
  )[0]?.host;
/** How many more machines of this memory fit on the hosts. */
export const roomFor = async (
  q: Queryable,
  hosts: readonly string[],
  capacityMb: number,
  memoryMb: number,
): Promise<number> =>
  Number(
    (
      await sql<{ room: string }>(
        q,
        `select sum(greatest(0, floor(
          ($2 - ${USED}) / $3::float8
          )))::bigint room
        from unnest($1::text[]) h(host)`,
        [hosts, capacityMb, memoryMb],
      )
    )[0]?.room ?? 0,
  );
/** Simulated hosts have as many of both, and give no more of them than they have memory for. */
const HOST_VCPUS = 1024;
const HOST_GB = 1_000_000;
/** The hosts, with what is used of them. */
export const hostsOf = async (q: Queryable, hosts: readonly string[], capacityMb: number): Promise<HostView[]> =>
  (
    await sql<Pick<HostView, 'hostName' | 'vcpusUsed' | 'memoryMbUsed' | 'localGbUsed' | 'runningVms'>>(
      q,
      `select h.host "hostName", coalesce(sum(m.vcpus), 0)::int "vcpusUsed",
        coalesce(sum(m.memory_mb), 0)::float8 "memoryMbUsed", coalesce(sum(m.root_gb), 0)::float8 "localGbUsed",
        count(m.portal_id) filter (where case when m.changes_at <= statement_timestamp() then m.target_state
          else m.power_state end = 1)::int "runningVms"
      from unnest($1::text[]) with ordinality h(host, position) left join sim_machine m
        on m.host = h.host and (${DESTROYED}) is not true
      group by h.host, h.position order by h.position`,
      [hosts],
    )
  ).map((used) => ({
    id: used.hostName,
    type: 'sim',
    status: 'enabled',
    state: 'up',
    vcpus: HOST_VCPUS,
    memoryMb: capacityMb,
    localGb: HOST_GB,
    ...used,
  }));
/** So many addresses of a network are looked at: one of IPv6 has more than anybody can count. */
const MOST = 65_536n;
/** Assigns the first free address of the network's pools; undefined when there is none. */
export const assignAddress = async (
  tx: Tx,
  portalId: string,
  { networkId, cidr, gatewayIp, pools: allocationPools = [] }: NicSpec,
): Promise<string | undefined> => {
  const gateway = gatewayIp === undefined && cidr !== null ? (firstAddress(cidr) ?? null) : (gatewayIp ?? null);
  const ranges = cidr === null ? [] : poolsOf({ cidr, gatewayIp: gateway, allocationPools });
  const sizes = ranges.map(({ start, end }) => {
    const size = (compute.parseIp(end)?.value ?? 0n) - (compute.parseIp(start)?.value ?? 0n) + 1n;
    return Number(size < MOST ? size : MOST);
  });
  const [assigned] = await sql<{ addr: string }>(
    tx,
    `insert into sim_address (network_id, address, portal_id)
    select $2, r.start::inet + n, $1
      from unnest($3::text[], $4::int[]) with ordinality r(start, size, position), generate_series(0, r.size - 1) n
      where not exists (select 1 from sim_address a where a.network_id = $2 and a.address = r.start::inet + n)
      order by r.position, n limit 1
    returning host(address) addr`,
    [portalId, networkId, ranges.map(({ start }) => start), sizes],
  );
  return assigned?.addr;
};
/** Takes addresses that the portal has chosen: it sees to it that nobody else of it has them. SQL: batched. */
export const takeAddresses = async (
  tx: Tx,
  portalId: string,
  networkId: string,
  addresses: readonly string[],
): Promise<void> => {
  await run(
    tx,
    `insert into sim_address (network_id, address, portal_id) select $1, unnest($2::inet[]), $3
    on conflict (network_id, address) do nothing`,
    [networkId, addresses, portalId],
  );
};
