import { LOCKS, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { HostView } from '../driver.js';
import { DESTROYED } from './sim-machines.js';

// Memory of hosts and addresses of networks. SQL, because each statement computes what is free.

/** Machines of one region are placed one at a time: otherwise two could both take the last room. */
export const lockRegion = async (tx: Tx, region: string): Promise<void> => {
  await sql(tx, 'select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.simulatedRegion, region]);
};
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
      where (select coalesce(sum(m.memory_mb), 0) from sim_machine m where m.host = h.host) + $2 <= $3
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
          ($2 - (select coalesce(sum(m.memory_mb), 0) from sim_machine m
            where m.host = h.host and (${DESTROYED}) is not true)) / $3::float8
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
/** Assigns the lowest free address of the network; undefined when there is none. The first one is the gateway's. */
export const assignAddress = async (
  tx: Tx,
  portalId: string,
  networkId: string,
  cidr: string,
): Promise<string | undefined> =>
  (
    await sql<{ addr: string }>(
      tx,
      `insert into sim_address (network_id, address, portal_id)
      select $2, host(network($3::cidr))::inet + n, $1
        from generate_series(2, least(65534, (2 ^ (32 - masklen($3::cidr)))::int - 2)) n
        where not exists (select 1 from sim_address a
          where a.network_id = $2 and a.address = host(network($3::cidr))::inet + n)
        order by n limit 1
      returning host(address) addr`,
      [portalId, networkId, cidr],
    )
  )[0]?.addr;
