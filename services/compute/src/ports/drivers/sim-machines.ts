import { columns, em, prepared, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Address, GuestSpec, InstanceSpec, MachineMode, PowerState } from '../driver.js';
import { simMachines, type SimFormer, type SimGuest, type SimMachine, type SimPort } from './sim-tables.js';

// What the simulated hypervisor stores. A change is written with the time at which it is done, and every read
// compares that with the database's clock: no timers are needed, and a restart loses nothing. SQL throughout, because
// every statement computes with that clock.

const STORED = [
  'portalId',
  'backendId',
  'region',
  'name',
  'tags',
  'host',
  'vcpus',
  'memoryMb',
  'rootGb',
  'addresses',
  'ports',
  'boots',
  'former',
  'rebuildKey',
  'guest',
] as const;
/** A machine as it is now. */
export type Machine = Pick<SimMachine, (typeof STORED)[number] | 'powerState' | 'task' | 'mode' | 'host'>;
const DUE = 'changes_at <= statement_timestamp()';
const AFTER = `case when ${DUE} then target_state else power_state end`;
const POWER = `case when (${AFTER}) = 1 and crashes_at <= statement_timestamp() then 6 else ${AFTER} end`;
const TASK = `case when ${DUE} then null else task end`;
const MODE = `case when ${DUE} then target_mode else mode end`;
const HOST = `case when ${DUE} then coalesce(target_host, host) else host end`;
const COLUMNS = `${columns(simMachines, undefined, STORED)}, ${POWER} "powerState", ${TASK} task, ${MODE} mode,
  ${HOST} host`;
const NOW = 'statement_timestamp()';
const ms = (from: string, to: string): string => `greatest(0, extract(epoch from ${to} - ${from}) * 1000)`;
/** How long it has run, until now: before the change in `task`, and after it. */
const UP_MS = `(up_ms + floor(
  case when power_state = 1 then ${ms('up_at', `least(${NOW}, changes_at, case when task is null then crashes_at end)`)}
    else 0 end
  + case when target_state = 1 and ${DUE} then ${ms('greatest(up_at, changes_at)', `least(${NOW}, crashes_at)`)}
    else 0 end)::bigint)`;
/** A machine that is being destroyed exists until the change is done. */
const EXISTS = `(task is distinct from 'deleting' or changes_at > statement_timestamp())`;
/** Its opposite, in the words of the index of such rows. */
export const DESTROYED = `task = 'deleting' and changes_at <= statement_timestamp()`;

const FIND = `select ${COLUMNS} from sim_machine where portal_id = any($1::uuid[]) and adopted and ${EXISTS}`;
/** Each of these machines, or undefined. */
export const findMachines = async (q: Queryable, ids: readonly string[]): Promise<(Machine | undefined)[]> => {
  const found = new Map((await prepared<Machine>(q, FIND, [ids])).map((one) => [one.portalId, one]));
  return ids.map((id) => found.get(id));
};
export const findMachine = async (q: Queryable, portalId: string): Promise<Machine | undefined> =>
  (await findMachines(q, [portalId]))[0];
/** A page of a region's machines, by portal id. @param after the id at the end of the page before */
export const listMachines = (q: Queryable, region: string, after: string | null, limit: number): Promise<Machine[]> =>
  sql<Machine>(
    q,
    `select ${COLUMNS} from sim_machine where region = $1 and adopted
      and ($2::uuid is null or portal_id > $2) and ${EXISTS}
    order by portal_id limit $3`,
    [region, after, limit],
  );

/** A page of a region's machines that bear no id of ours, by `backendId`. @param after as in `listMachines` */
export const listForeign = (q: Queryable, region: string, after: string | null, limit: number): Promise<Machine[]> =>
  sql<Machine>(
    q,
    `select ${COLUMNS} from sim_machine where region = $1 and ($2::uuid is null or backend_id > $2)
      and not adopted and ${EXISTS} order by backend_id limit $3`,
    [region, after, limit],
  );
export const findForeign = async (q: Queryable, region: string, backendId: string): Promise<Machine | undefined> =>
  (
    await sql<Machine>(
      q,
      `select ${COLUMNS} from sim_machine where region = $1 and backend_id = $2 and not adopted and ${EXISTS}`,
      [region, backendId],
    )
  )[0];

/**
 * Removes the rows of destroyed machines, which frees their addresses and memory, and forgets how often they failed.
 * @param machines.portalId only this machine; null: every one of the region, at most 1000 at a time
 */
export const clearDestroyed = async (
  q: Queryable,
  { region, portalId }: { region: string; portalId: string | null },
): Promise<void> => {
  await run(
    q,
    `with gone as (
      delete from sim_machine where portal_id in (select portal_id from sim_machine
        where region = $1 and ($2::uuid is null or portal_id = $2) and ${DESTROYED} limit 1000)
      returning portal_id)
    delete from sim_fault where portal_id in (select portal_id from gone)`,
    [region, portalId],
  );
};

/** Machines by portal id: their interfaces, and the milliseconds that they have run. */
export const listUptimes = (
  q: Queryable,
  region: string,
  portalIds: readonly string[],
): Promise<(Pick<SimMachine, 'portalId' | 'addresses'> & { upMs: string })[]> =>
  sql(
    q,
    `select ${columns(simMachines, undefined, ['portalId', 'addresses'])}, ${UP_MS}::text "upMs" from sim_machine
    where portal_id = any($1::uuid[]) and region = $2 and adopted and ${EXISTS}`,
    [portalIds, region],
  );

/** Locks a machine and stores what has become of it, so that a new change begins from there. */
export const lockMachine = async (tx: Tx, portalId: string): Promise<Machine | undefined> => {
  await run(tx, `delete from sim_machine where portal_id = $1 and ${DESTROYED}`, [portalId]);
  await run(
    tx,
    `update sim_machine set power_state = ${POWER}, task = ${TASK}, mode = ${MODE}, host = ${HOST},
      target_host = case when ${DUE} then null else target_host end,
      target_state = case when ${DUE} then null else target_state end,
      changes_at = case when ${DUE} then null else changes_at end, up_ms = ${UP_MS}, up_at = ${NOW}
    where portal_id = $1`,
    [portalId],
  );
  return (await sql<Machine>(tx, `select ${COLUMNS} from sim_machine where portal_id = $1 for update`, [portalId]))[0];
};

export interface Change {
  task: string;
  target: PowerState;
  /** How long it takes. */
  ms: number;
  /** 1 when it boots the guest. */
  boots: number;
  /** Mode of the machine afterwards. */
  mode: MachineMode | null;
  /** Host afterwards; null: the same; empty: none. */
  host: string | null;
  /** The guest crashes so long after the change; null: never. */
  crashAfterSeconds: number | null;
}
export const startChange = async (
  tx: Tx,
  portalId: string,
  { task, target, ms, boots, mode, host, crashAfterSeconds }: Change,
): Promise<void> => {
  await run(
    tx,
    `update sim_machine set task = $2, target_state = $3, boots = boots + $5, target_mode = $7, target_host = $8,
      changes_at = statement_timestamp() + $4 * interval '1 ms',
      crashes_at = statement_timestamp() + ($4 + $6::float8 * 1000) * interval '1 ms'
    where portal_id = $1`,
    [portalId, task, target, ms, boots, crashAfterSeconds, mode, host],
  );
};
/** The guest switches itself off, at once. */
export const switchOff = async (tx: Tx, portalId: string): Promise<void> => {
  await run(
    tx,
    'update sim_machine set power_state = 4, crashes_at = null where portal_id = $1 and power_state in (1, 3)',
    [portalId],
  );
};

/** What the log of the guest shows of what it was given. */
const guestOf = ({ sshKeys, rootPassword, userData }: GuestSpec): SimGuest => ({
  sshKeys: sshKeys?.length ?? 0,
  password: rootPassword !== undefined,
  userDataBytes: userData?.length ?? 0,
});
/** A machine that is being built. */
export interface NewMachine {
  spec: InstanceSpec;
  backendId: string;
  host: string;
  addresses: readonly Address[];
  ports: readonly SimPort[];
  /** How long its build takes. */
  ms: number;
  crashAfterSeconds: number | null;
}
export const insertMachines = async (tx: Tx, machines: readonly NewMachine[]): Promise<void> => {
  const rows = machines.map(({ spec, backendId, host, addresses, ports, ms: buildMs, crashAfterSeconds }) => ({
    portal_id: spec.portalId,
    backend_id: backendId,
    region: spec.region,
    name: spec.name,
    tags: spec.tags,
    host,
    vcpus: spec.flavor.vcpus,
    memory_mb: spec.flavor.memoryMb,
    root_gb: spec.flavor.rootGb,
    addresses,
    guest: spec.guest ? guestOf(spec.guest) : null,
    ports,
    ms: buildMs,
    crash_s: crashAfterSeconds,
  }));
  await prepared(
    tx,
    `insert into sim_machine (portal_id, backend_id, region, name, tags, host, vcpus, memory_mb, root_gb, addresses,
      ports, guest, power_state, target_state, task, boots, changes_at, crashes_at)
    select portal_id, backend_id, region, name, tags, host, vcpus, memory_mb, root_gb, addresses, ports, guest, 0, 1,
      'spawning', 1, statement_timestamp() + ms * interval '1 ms',
      statement_timestamp() + (ms + crash_s * 1000) * interval '1 ms'
    from jsonb_to_recordset($1::jsonb) x(portal_id uuid, backend_id uuid, region text, name text, tags text[],
      host text, vcpus int, memory_mb int, root_gb int, addresses jsonb, ports jsonb, guest jsonb,
      ms float8, crash_s float8)`,
    [JSON.stringify(rows)],
  );
};
/** @param ports absent: they stay */
export const writeAddresses = async (
  tx: Tx,
  portalId: string,
  addresses: readonly Address[],
  ports?: readonly SimPort[],
): Promise<void> => {
  await em(tx).update(simMachines, { portalId }, { addresses: [...addresses], ...(ports && { ports: [...ports] }) });
};
/** Of these ids, the machines that are there, destroyed ones not: their rows go. @returns id to the hypervisor's own */
export const findBuilt = async (tx: Tx, portalIds: readonly string[]): Promise<Map<string, string>> => {
  const rows = await prepared<{ portalId: string; backendId: string }>(
    tx,
    `with gone as (delete from sim_machine where portal_id = any($1::uuid[]) and ${DESTROYED} returning portal_id)
    select portal_id "portalId", backend_id "backendId" from sim_machine
    where portal_id = any($1::uuid[]) and portal_id not in (select portal_id from gone)`,
    [portalIds],
  );
  return new Map(rows.map(({ portalId, backendId }) => [portalId, backendId]));
};

/** Counts one failure of a call. @returns how many there were, this one included */
export const countFailure = async (q: Queryable, portalId: string, call: string): Promise<number> =>
  (
    await sql<{ failures: number }>(
      q,
      `insert into sim_fault (portal_id, call, failures) values ($1, $2, 1)
      on conflict (portal_id, call) do update set failures = sim_fault.failures + 1 returning failures`,
      [portalId, call],
    )
  )[0]?.failures ?? 1;

/** Size of a machine, and the one that it gives back when a resize is reverted; null: none. */
export const writeSize = async (
  tx: Tx,
  portalId: string,
  { vcpus, memoryMb, rootGb, former }: Pick<SimMachine, 'vcpus' | 'memoryMb' | 'rootGb'> & { former: SimFormer | null },
): Promise<void> => {
  await em(tx).update(simMachines, { portalId }, { vcpus, memoryMb, rootGb, former });
};
export const writeRebuild = async (
  tx: Tx,
  portalId: string,
  { key, name, guest }: { key: string; name: string; guest: GuestSpec },
): Promise<void> => {
  await em(tx).update(simMachines, { portalId }, { rebuildKey: key, name, guest: guestOf(guest) });
};
/** @returns whether there is such a machine. SQL: by the database's clock */
export const renameMachine = async (q: Queryable, portalId: string, name: string): Promise<boolean> =>
  (
    await sql(
      q,
      `update sim_machine set name = $2 where portal_id = $1 and adopted and ${EXISTS} returning portal_id`,
      [portalId, name],
    )
  ).length > 0;
/** A migration ends where it began. */
export const cancelChange = async (tx: Tx, portalId: string): Promise<void> => {
  await em(tx).update(simMachines, { portalId }, { task: null, targetState: null, targetHost: null, changesAt: null });
};
