import { columns, em, prepared, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { eventsOf, recording, WAKE } from '../../events/recording.js';
import { INSTANCE_POWER, INSTANCE_STATE, OPERATION_PROGRESS } from '../recorded.js';
import { instances, type Failure, type Instance, type InstanceAddress, type Step } from '../tables.js';
import type { PowerState, TaskState, VmState } from '../instance-states.js';

const STATE = [
  'id',
  'clientId',
  'regionId',
  'vmState',
  'taskState',
  'lockedBy',
  'deleteProtection',
  'operationId',
  'trafficBlocked',
  'wasRunning',
] as const;
/** What decides whether an action is possible. */
export interface InstanceState extends Pick<Instance, (typeof STATE)[number]> {
  /** Must not run: its client or service is suspended, or its traffic is used up. */
  held: boolean;
  /** Whether it has run before. */
  launched: boolean;
}
const HELD = '(held or traffic_blocked) held';
const COLUMNS = `${columns(instances, undefined, STATE)}, ${HELD}, launched_at is not null launched`;
/** SQL: computed. */
export const findState = async (q: Queryable, id: string): Promise<InstanceState | undefined> =>
  (await sql<InstanceState>(q, `select ${COLUMNS} from instance where id = $1 and vm_state <> 'deleted'`, [id]))[0];
/**
 * SQL: locks the row.
 * @param clientId given: undefined when it was moved to another client since
 */
export const lockState = async (
  tx: Tx,
  id: string,
  clientId: number | null = null,
): Promise<InstanceState | undefined> =>
  (
    await sql<InstanceState>(
      tx,
      `select ${COLUMNS} from instance
      where id = $1 and vm_state <> 'deleted' and ($2::int is null or client_id = $2) for update`,
      [id, clientId],
    )
  )[0];

/** In which state an instance has to be. */
export interface Guard {
  from: readonly VmState[] | null;
  tasks: readonly (TaskState | null)[] | null;
  launched: boolean;
  /** It must not be locked. */
  unlocked: boolean;
  /** It must not be protected from deletion. */
  unprotected: boolean;
}
/**
 * Makes the operation the owner of the instance, if the instance is in a state for it: the only guard against two
 * operations at once (contract compute §7.2). SQL: conditional.
 * @returns undefined when it is not in such a state
 */
export const beginTask = async (
  tx: Tx,
  id: string,
  operationId: string,
  begins: TaskState,
  guard: Guard,
): Promise<Pick<Instance, 'clientId' | 'vmState'> | undefined> =>
  (
    await sql<Pick<Instance, 'clientId' | 'vmState'>>(
      tx,
      recording(
        `update instance set task_state = $3, operation_id = $2, updated_at = now()
        where id = $1 and vm_state <> 'deleted'
          and ($4::text[] is null or vm_state = any($4)) and ($5::text[] is null or coalesce(task_state, '') = any($5))
          and (not $6 or launched_at is not null) and (not $7 or locked_by is null)
          and (not $8 or not delete_protection)`,
        INSTANCE_STATE,
        { select: columns(instances, undefined, ['clientId', 'vmState']) },
      ),
      [
        id,
        operationId,
        begins,
        guard.from,
        guard.tasks?.map((one) => one ?? '') ?? null,
        guard.launched,
        guard.unlocked,
        guard.unprotected,
      ],
    )
  )[0];

export const setBootedFromIso = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).update(instances, { id }, { bootedFromIso: true });
};
/** The image that the root disk was made of anew, and the name that came with it. */
export const setImage = async (
  tx: Tx,
  id: string,
  image: Pick<Instance, 'imageId' | 'imageName' | 'osDistro'> & { name?: string },
): Promise<void> => {
  await em(tx).update(instances, { id }, image);
};
/** The size that a resize is to bring; the project's quota counts the larger of both. */
export const setOtherFlavor = async (tx: Tx, id: string, otherFlavorId: string): Promise<void> => {
  await em(tx).update(instances, { id }, { otherFlavorId });
};

/** A failed build starts anew. */
export const markBuilding = async (tx: Tx, id: string): Promise<void> => {
  // SQL: the event is recorded in the same statement.
  await run(tx, recording(`update instance set vm_state = 'building', fault = null where id = $1`, INSTANCE_STATE), [
    id,
  ]);
};

/**
 * The part of a statement that locks the instances of $2 in the order of their ids, as everything that locks many does.
 * An array, not the ids of $1: of that PostgreSQL expects a hundred rows, and reads the whole table for them.
 * @param skip whether those that are locked already are left out
 */
const lockedOf = (skip: boolean): string =>
  `locked as materialized (select id from instance where id = any($2::uuid[]) order by id
    for no key update${skip ? ' skip locked' : ''})`;

/** An attempt at an operation: what it writes before the driver is called. */
export interface Attempt {
  instanceId: string;
  operationId: string;
  taskState: TaskState;
  steps: readonly Step[];
  /** How many came before it. */
  attempts: number;
}
/**
 * Writes task and steps and counts the attempt, of each operation that owns its instance and has not been attempted
 * meanwhile: of two processes that both believe to have the turn, one calls the driver. Of many, those whose row is
 * locked are left out: what comes alone waits. SQL: conditional, both events are recorded in the same statement.
 * @returns whether it begins
 */
export const beginAttempts = async (q: Queryable, attempts: readonly Attempt[]): Promise<boolean[]> => {
  const rows = await prepared<{ id: string }>(q, attempts.length > 1 ? ATTEMPT.many : ATTEMPT.one, [
    JSON.stringify(attempts),
    attempts.map(({ instanceId }) => instanceId),
  ]);
  const begun = new Set(rows.map(({ id }) => id));
  return attempts.map(({ operationId }) => begun.has(operationId));
};
/** SQL: a task is in work. Not in the words of the index over such instances, which would be read from end to end. */
const IN_TASK = `coalesce(i.task_state, '') <> ''`;
const attemptText = (skip: boolean): string => `with w as materialized (select * from jsonb_to_recordset($1::jsonb)
      x("instanceId" uuid, "operationId" uuid, "taskState" text, steps jsonb, attempts int)),
    ${lockedOf(skip)},
    changed as (update instance i set task_state = w."taskState", updated_at = now()
      from w join locked l on l.id = w."instanceId"
      where i.id = l.id and i.operation_id = w."operationId" and ${IN_TASK} returning i.*),
    recorded as (${eventsOf('changed', INSTANCE_STATE)}),
    attempted as (update operation o set steps = w.steps, attempts = o.attempts + 1
      from w join changed c on c.operation_id = w."operationId"
      where o.id = w."operationId" and o.attempts = w.attempts returning o.*),
    told as (${eventsOf('attempted', OPERATION_PROGRESS)})
  select id from attempted`;
const ATTEMPT = { one: attemptText(false), many: attemptText(true) };

/** An operation and its instance. */
export interface Owned {
  instanceId: string;
  operationId: string;
}
/** Whether each operation still owns its instance. SQL: runs in a loop while the driver is asked. */
export const ownInstances = async (q: Queryable, owned: readonly Owned[]): Promise<boolean[]> => {
  const rows = await prepared<{ id: string }>(
    q,
    `select i.operation_id id from unnest($1::uuid[], $2::uuid[]) w(instance_id, operation_id)
      join instance i on i.id = w.instance_id and i.operation_id = w.operation_id where ${IN_TASK}`,
    [owned.map((one) => one.instanceId), owned.map((one) => one.operationId)],
  );
  const own = new Set(rows.map(({ id }) => id));
  return owned.map(({ operationId }) => own.has(operationId));
};

export interface Outcome {
  /** The instance gets the other of its two sizes. */
  swapFlavor?: boolean;
  /** It runs on no host any more. */
  noHost?: boolean;
  /** In `error`, too, it has two sizes until its resize is confirmed or reverted. */
  keepsOther?: boolean;
  vmState: VmState;
  /** Null: as it was. */
  powerState: PowerState | null;
  fault?: Failure | null;
  backendId?: string | null;
  host?: string | null;
  addresses?: readonly InstanceAddress[];
}
/** A task that ends. */
export interface TaskEnd extends Outcome {
  instanceId: string;
  /** The operation that has to own the instance; null: whichever does. */
  operationId: string | null;
}
/** The instance afterwards, with what decides whether an event for metering is due. */
export interface EndedTask extends Pick<
  Instance,
  'id' | 'operationId' | 'vmState' | 'powerState' | 'wasRunning' | 'meteredOn' | 'eventSequence'
> {
  /** Must not run: as of `InstanceState`. */
  held: boolean;
  launched: boolean;
}
const endText = (
  skip: boolean,
): string => `with w as materialized (select * from jsonb_to_recordset($1::jsonb) x("instanceId" uuid,
      "operationId" uuid, "vmState" text, "powerState" int, "setsFault" boolean, fault jsonb, "backendId" text,
      host text, addresses jsonb, "accessIp" text, "swapFlavor" boolean, "noHost" boolean, "keepsOther" boolean)),
    ${lockedOf(skip)},
    changed as (update instance i set task_state = null, vm_state = w."vmState",
      power_state = coalesce(w."powerState", i.power_state), updated_at = now(),
      launched_at = case when w."vmState" = 'active' and w."operationId" is not null
        then coalesce(i.launched_at, now()) else i.launched_at end,
      terminated_at = case when w."vmState" = 'deleted' then now() end,
      fault = case when w."setsFault" then w.fault || jsonb_build_object(
        'created', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) else i.fault end,
      backend_id = coalesce(w."backendId", i.backend_id),
      host_name = case when w."noHost" then null else coalesce(w.host, i.host_name) end,
      flavor_id = case when w."swapFlavor" then coalesce(i.other_flavor_id, i.flavor_id) else i.flavor_id end,
      other_flavor_id = case when w."vmState" = 'resized' or w."keepsOther" then
        case when w."swapFlavor" and i.other_flavor_id is not null
        then i.flavor_id else i.other_flavor_id end end,
      booted_from_iso = i.booted_from_iso and w."vmState" = 'rescued',
      addresses = coalesce(w.addresses, i.addresses), access_ip = coalesce(w."accessIp", i.access_ip)
    from w join locked l on l.id = w."instanceId" where i.id = l.id and i.vm_state <> 'deleted'
      and (w."operationId" is null or (i.operation_id = w."operationId" and ${IN_TASK}))
    returning i.*),
    recorded as (${eventsOf('changed', INSTANCE_STATE)})
  select ${columns(instances, undefined, [
    'id',
    'operationId',
    'vmState',
    'powerState',
    'wasRunning',
    'meteredOn',
    'eventSequence',
  ])}, ${HELD}, launched_at is not null launched from changed where ${WAKE}`;
const END = { one: endText(false), many: endText(true) };
/**
 * Ends tasks; what an outcome leaves out stays as it is. Of many, those whose row is locked are left out: what comes
 * alone waits. SQL: conditional.
 * @returns the instances whose task was ended
 */
export const endTasks = (tx: Tx, ends: readonly TaskEnd[]): Promise<EndedTask[]> => {
  const rows = ends.map(({ fault, addresses, ...one }) => {
    const first = (version: 4 | 6) => addresses?.find((a) => a.version === version && a.type === 'fixed')?.addr;
    return {
      ...one,
      setsFault: fault !== undefined,
      fault: fault ?? null,
      addresses: addresses ?? null,
      accessIp: first(4) ?? first(6) ?? null,
      swapFlavor: one.swapFlavor ?? false,
      noHost: one.noHost ?? false,
      keepsOther: one.keepsOther ?? false,
    };
  });
  const ids = ends.map(({ instanceId }) => instanceId);
  return prepared<EndedTask>(tx, ends.length > 1 ? END.many : END.one, [JSON.stringify(rows), ids]);
};
/**
 * Ends the task of one instance.
 * @param operationId the operation that has to own the instance; null: whichever does
 * @returns whether it did
 */
export const endTask = async (tx: Tx, id: string, operationId: string | null, outcome: Outcome): Promise<boolean> =>
  (await endTasks(tx, [{ ...outcome, instanceId: id, operationId }])).length === 1;
/**
 * Whether its machine has another size or host that waits to be confirmed, also when it was set to `error` since.
 * SQL: computed.
 */
export const isResized = async (tx: Tx, id: string): Promise<boolean> =>
  (
    await sql(
      tx,
      `select 1 from instance where id = $1 and (vm_state = 'resized'
        or (vm_state = 'error' and task_state is null and other_flavor_id is not null))`,
      [id],
    )
  ).length > 0;
/**
 * Copies the hypervisor's power state, if the instance is idle and no operation was accepted after `lastOperation`.
 * SQL: conditional.
 * @returns the state then; undefined when nothing was copied
 */
export const copyPowerState = async (
  tx: Tx,
  id: string,
  lastOperation: string | null,
  powerState: PowerState,
): Promise<InstanceState | undefined> =>
  (
    await sql<InstanceState>(
      tx,
      recording(
        `update instance set power_state = $3
        where id = $1 and operation_id is not distinct from $2 and task_state is null and vm_state <> 'deleted'`,
        INSTANCE_POWER,
        { select: COLUMNS },
      ),
      [id, lastOperation, powerState],
    )
  )[0];

export const setTrafficBlocked = async (tx: Tx, id: string, trafficBlocked: boolean): Promise<void> => {
  await em(tx).update(instances, { id }, { trafficBlocked });
};
/** Instances that are blocked because of another month than this one. SQL: joins */
export const listBlockedBefore = async (q: Queryable, month: string, limit: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `select i.id from instance i left join traffic t on t.instance_id = i.id
      where i.traffic_blocked and t.limit_month is distinct from $1 order by i.id limit $2`,
      [month, limit],
    )
  ).map(({ id }) => id);
export const setWasRunning = async (tx: Tx, id: string, wasRunning: boolean): Promise<void> => {
  await em(tx).update(instances, { id }, { wasRunning });
};

const RECORDED = ['id', 'vmState', 'taskState', 'powerState'] as const;
/** The state of an instance as its row has it; the machine may differ. */
export type RecordedState = Pick<Instance, (typeof RECORDED)[number]> & Pick<InstanceState, 'held' | 'launched'>;
/**
 * A page of a region's instances that are not deleted, by id.
 * @param after id at the end of the page before. SQL: batched
 */
export const listRecordedStates = (
  q: Queryable,
  region: string,
  after: string | null,
  limit: number,
): Promise<RecordedState[]> =>
  sql<RecordedState>(
    q,
    `select ${columns(instances, undefined, RECORDED)}, ${HELD}, launched_at is not null launched from instance
    where region_id = $1 and vm_state <> 'deleted' and ($2::uuid is null or id > $2) order by id limit $3`,
    [region, after, limit],
  );
/**
 * Of these ids, those whose machine must go: the instance was deleted over a minute ago, or its build failed. SQL:
 * batched
 */
export const findAbandoned = async (q: Queryable, ids: readonly string[]): Promise<Set<string>> =>
  new Set(
    (
      await sql<Pick<Instance, 'id'>>(
        q,
        `select id from instance where id = any($1::uuid[])
          and ((vm_state = 'deleted' and terminated_at < now() - interval '1 minute')
            or (vm_state = 'error' and launched_at is null and task_state is null))`,
        [ids],
      )
    ).map((row) => row.id),
  );
/** Instances in a task whose operation has ended or is not there. SQL: looks each operation up by its id. */
export const listOrphanedTasks = (q: Queryable, limit: number): Promise<InstanceState[]> =>
  sql<InstanceState>(
    q,
    `select ${COLUMNS} from instance i where task_state is not null and vm_state <> 'deleted' and (
      select o.status in ('pending', 'running') from operation o where o.id = i.operation_id) is not true
    order by updated_at limit $1`,
    [limit],
  );
