import { compute } from '@nefos/contracts';
import { LOCKS, prepared, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { firstAddress, poolsOf } from '../../catalog/address-plan.js';
import type { HostView, NicSpec } from '../driver.js';
import { DESTROYED } from './sim-machines.js';

// Memory of hosts and addresses of networks. SQL, because each statement computes what is free.

/** Machines of one region are placed one at a time: otherwise two could both take the last room. */
export const lockRegion = async (tx: Tx, region: string): Promise<void> => {
  await sql(tx, 'select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.simulatedRegion, region]);
};
/**
 * Memory of a host that is taken: by its machines, and by those that may come back when a resize is reverted. An index
 * has the memory of all machines, and another those few that are destroyed.
 */
const USED = `((select coalesce(sum(m.memory_mb), 0) from sim_machine m where m.host = h.host)
  - (select coalesce(sum(m.memory_mb), 0) from sim_machine m where m.host = h.host and ${DESTROYED})
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
/** Memory that is free on each host, in the order of the hosts. */
export const freeMemory = (
  q: Queryable,
  hosts: readonly string[],
  capacityMb: number,
): Promise<{ host: string; freeMb: number }[]> =>
  sql<{ host: string; freeMb: number }>(
    q,
    `select h.host, ($2 - ${USED})::float8 "freeMb"
    from unnest($1::text[]) with ordinality h(host, position) order by h.position`,
    [hosts, capacityMb],
  );

/** So many addresses of a pool are given out: one of IPv6 has more than anybody can count. */
const MOST = 65_536n;
const rangesOf = ({ cidr, gatewayIp, pools: allocationPools = [] }: NicSpec): { start: string; size: number }[] => {
  const gateway = gatewayIp === undefined && cidr !== null ? (firstAddress(cidr) ?? null) : (gatewayIp ?? null);
  const ranges = cidr === null ? [] : poolsOf({ cidr, gatewayIp: gateway, allocationPools });
  return ranges.map(({ start, end }) => {
    const size = (compute.parseIp(end)?.value ?? 0n) - (compute.parseIp(start)?.value ?? 0n) + 1n;
    return { start, size: Number(size < MOST ? size : MOST) };
  });
};
/** The addresses behind the highest one that is taken: one look into the index, however many are taken. */
const BEHIND = `select host(t.after + n) addr
  from (select coalesce((select address from sim_address where network_id = $1
      and address between $2::inet and $2::inet + ($3::int - 1) order by address desc limit 1),
    $2::inet - 1) after) t,
  generate_series(1, least($4::int, $2::inet + ($3::int - 1) - t.after)) n`;
/** The first free ones, which looks at all. */
const BETWEEN = `select host($2::inet + n) addr from generate_series(0, $3::int - 1) n
  where not exists (select 1 from sim_address a where a.network_id = $1 and a.address = $2::inet + n)
  order by n limit $4`;
/**
 * So many free addresses of a network's pools, or as many as there are. Those that were given back come after those
 * that nobody had. The region is locked: nobody else takes them.
 */
export const freeAddresses = async (tx: Tx, nic: NicSpec, count: number): Promise<string[]> => {
  const found: string[] = [];
  for (const text of [BEHIND, BETWEEN])
    for (const { start, size } of rangesOf(nic)) {
      if (found.length === count) return found;
      const rows = await prepared<{ addr: string }>(tx, text, [nic.networkId, start, size, count]);
      found.push(...rows.map(({ addr }) => addr).filter((addr) => !found.includes(addr)));
      found.length = Math.min(found.length, count);
    }
  return found;
};
export interface TakenAddress {
  /** The portal has chosen it. */
  chosen: boolean;
  networkId: string;
  addr: string;
  portalId: string;
}
/** @param chosen by the portal, which sees to it that nobody else of it has them */
export const takeAddresses = async (tx: Tx, taken: readonly TakenAddress[], chosen: boolean): Promise<void> => {
  await prepared(
    tx,
    `insert into sim_address (network_id, address, portal_id)
    select * from unnest($1::uuid[], $2::inet[], $3::uuid[])
    ${chosen ? 'on conflict (network_id, address) do nothing' : ''}`,
    [taken.map((one) => one.networkId), taken.map((one) => one.addr), taken.map((one) => one.portalId)],
  );
};
