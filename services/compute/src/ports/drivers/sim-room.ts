import { compute } from '@nefos/contracts';
import { LOCKS, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { firstAddress, poolsOf } from '../../catalog/address-plan.js';
import type { NicSpec } from '../driver.js';

// Memory of hosts and addresses of networks. SQL, because each statement computes what is free.

/** Machines of one region are placed one at a time: otherwise two could both take the last room. */
export const lockRegion = async (tx: Tx, region: string): Promise<void> => {
  await sql(tx, 'select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.simulatedRegion, region]);
};
/** Memory of a host that is taken: by its machines, and by those that may come back when a resize is reverted. */
const USED = `((select coalesce(sum(m.memory_mb), 0) from sim_machine m where m.host = h.host)
  + (select coalesce(sum((m.former ->> 'memoryMb')::int), 0) from sim_machine m
    where m.former is not null and m.former ->> 'host' = h.host))`;
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
