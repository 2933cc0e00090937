import { LOCKS, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Address, InstanceSpec } from '../driver.js';

/** What the simulated hypervisor knows. Time passes by the database's clock: a change that is due is there at the next look, without timers. */
export interface Machine {
  portal_id: string;
  backend_id: string;
  region: string;
  name: string;
  tags: string[];
  host: string;
  addresses: Address[];
  power_state: 0 | 1 | 3 | 4 | 6 | 7;
  task: string | null;
  boots: number;
}
const DUE = 'changes_at <= statement_timestamp()';
const AFTER = `case when ${DUE} then target_state else power_state end`;
const POWER = `case when (${AFTER}) = 1 and crashes_at <= statement_timestamp() then 6 else ${AFTER} end`;
const TASK = `case when ${DUE} then null else task end`;
const COLUMNS = `portal_id, backend_id, region, name, tags, host, addresses, boots, ${POWER} power_state, ${TASK} task`;
/** A destroyed machine is gone once its time has come. */
const THERE = `(task is distinct from 'deleting' or changes_at > statement_timestamp())`;

export const findMachine = async (q: Queryable, portalId: string): Promise<Machine | undefined> =>
  (await sql<Machine>(q, `select ${COLUMNS} from sim_machine where portal_id = $1 and ${THERE}`, [portalId]))[0];
export const listMachines = (q: Queryable, region: string, after: string | null, limit: number): Promise<Machine[]> =>
  sql<Machine>(
    q,
    `select ${COLUMNS} from sim_machine where region = $1 and ($2::uuid is null or portal_id > $2) and ${THERE} order by portal_id limit $3`,
    [region, after, limit],
  );

/** A destroyed machine whose time has come gives its addresses and its room back. @param portalId null: every one of the region, a portion at a time */
export const clearDestroyed = async (
  q: Queryable,
  { region, portalId }: { region: string; portalId: string | null },
): Promise<void> => {
  await run(
    q,
    `delete from sim_machine where portal_id in
      (select portal_id from sim_machine where region = $1 and ($2::uuid is null or portal_id = $2) and not (${THERE}) limit 1000)`,
    [region, portalId],
  );
};

/** Locks a machine and writes down what has become due, so that a new change begins from the present. */
export const lockMachine = async (tx: Tx, portalId: string): Promise<Machine | undefined> => {
  await run(tx, `delete from sim_machine where portal_id = $1 and not (${THERE})`, [portalId]);
  await run(
    tx,
    `update sim_machine set power_state = ${POWER}, task = ${TASK}, target_state = case when ${DUE} then null else target_state end,
      changes_at = case when ${DUE} then null else changes_at end
    where portal_id = $1`,
    [portalId],
  );
  return (await sql<Machine>(tx, `select ${COLUMNS} from sim_machine where portal_id = $1 for update`, [portalId]))[0];
};

export interface Change {
  task: string;
  target: number;
  ms: number;
  boots: number;
  crashAfterSeconds: number | null;
}
export const startChange = async (
  tx: Tx,
  portalId: string,
  { task, target, ms, boots, crashAfterSeconds }: Change,
): Promise<void> => {
  await run(
    tx,
    `update sim_machine set task = $2, target_state = $3, changes_at = statement_timestamp() + $4 * interval '1 ms', boots = boots + $5,
    crashes_at = statement_timestamp() + ($4 + $6::float8 * 1000) * interval '1 ms' where portal_id = $1`,
    [portalId, task, target, ms, boots, crashAfterSeconds],
  );
};
/** The guest goes off now, by itself. */
export const switchOff = async (tx: Tx, portalId: string): Promise<void> => {
  await run(
    tx,
    `update sim_machine set power_state = 4, crashes_at = null where portal_id = $1 and power_state in (1, 3)`,
    [portalId],
  );
};

/** Machines of one region are placed one after the other. */
export const lockRegion = async (tx: Tx, region: string): Promise<void> => {
  await sql(tx, 'select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.simulatedRegion, region]);
};
/** The first host with room; undefined when none has. */
export const pickHost = async (
  q: Queryable,
  hosts: readonly string[],
  capacityMb: number,
  memoryMb: number,
): Promise<string | undefined> =>
  (
    await sql<{ host: string }>(
      q,
      `
  select h.host from unnest($1::text[]) with ordinality h(host, position)
  where (select coalesce(sum(m.memory_mb), 0) from sim_machine m where m.host = h.host) + $2 <= $3 order by h.position limit 1`,
      [hosts, memoryMb, capacityMb],
    )
  )[0]?.host;
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
        `
  select sum(greatest(0, floor(($2 - (select coalesce(sum(m.memory_mb), 0) from sim_machine m where m.host = h.host)) / $3::float8)))::bigint room
    from unnest($1::text[]) h(host)`,
        [hosts, capacityMb, memoryMb],
      )
    )[0]?.room ?? 0,
  );

export const insertMachine = async (
  tx: Tx,
  spec: InstanceSpec,
  {
    backendId,
    host,
    ms,
    crashAfterSeconds,
  }: { backendId: string; host: string; ms: number; crashAfterSeconds: number | null },
): Promise<void> => {
  await run(
    tx,
    `insert into sim_machine (portal_id, backend_id, region, name, tags, host, vcpus, memory_mb, addresses, power_state, target_state, task, changes_at, crashes_at, boots)
    values ($1, $2, $3, $4, $5, $6, $7, $8, '[]', 0, 1, 'spawning', statement_timestamp() + $9 * interval '1 ms',
      statement_timestamp() + ($9 + $10::float8 * 1000) * interval '1 ms', 1)`,
    [
      spec.portalId,
      backendId,
      spec.region,
      spec.name,
      spec.tags,
      host,
      spec.flavor.vcpus,
      spec.flavor.memoryMb,
      ms,
      crashAfterSeconds,
    ],
  );
};
/** The lowest free address of the network, taken; undefined when none is left. The first one is the gateway's. */
export const takeAddress = async (
  tx: Tx,
  portalId: string,
  networkId: string,
  cidr: string,
): Promise<string | undefined> =>
  (
    await sql<{ addr: string }>(
      tx,
      `
  insert into sim_address (network_id, address, portal_id)
  select $2, host(network($3::cidr))::inet + n, $1 from generate_series(2, least(65534, (2 ^ (32 - masklen($3::cidr)))::int - 2)) n
  where not exists (select 1 from sim_address a where a.network_id = $2 and a.address = host(network($3::cidr))::inet + n) order by n limit 1 returning host(address) addr`,
      [portalId, networkId, cidr],
    )
  )[0]?.addr;
export const writeAddresses = async (tx: Tx, portalId: string, addresses: readonly Address[]): Promise<void> => {
  await run(tx, 'update sim_machine set addresses = $2::jsonb where portal_id = $1', [
    portalId,
    JSON.stringify(addresses),
  ]);
};

/** Counts one failure of a call. @returns how many there were, this one included */
export const countFailure = async (q: Queryable, portalId: string, call: string): Promise<number> =>
  Number(
    (
      await sql<{ failures: number }>(
        q,
        `
  insert into sim_fault (portal_id, call, failures) values ($1, $2, 1) on conflict (portal_id, call) do update set failures = sim_fault.failures + 1 returning failures`,
        [portalId, call],
      )
    )[0]?.failures ?? 1,
  );
