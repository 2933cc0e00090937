import {
  boolean,
  columns,
  em,
  instant,
  jsonb,
  nullable,
  run,
  sql,
  table,
  text,
  uuid,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import type { Instance } from '../../operations/tables.js';
import { withoutUndefined } from '../../without-undefined.js';

export type ScheduledAction = 'start' | 'stop' | 'reboot';
/** What became of a time of a schedule. */
export interface RunResult {
  status: 'accepted' | 'refused' | 'skipped';
  /** The time for which it was. */
  dueAt: string;
  operation?: string;
  /** Why it was refused: code and values of the refusal. */
  code?: string;
  values?: Record<string, unknown>;
}
/** When instances are started, stopped and rebooted by themselves. */
export const powerSchedules = table(
  'power_schedule',
  {
    id: uuid(),
    instanceId: uuid(),
    action: text<ScheduledAction>(),
    /** Five fields. */
    cron: text(),
    timezone: text(),
    enabled: withDefault(boolean()),
    /** Null: there is none. */
    nextRunAt: nullable(instant()),
    lastRunAt: nullable(instant()),
    lastResult: nullable(jsonb<RunResult>()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type PowerSchedule = Row<typeof powerSchedules>;
/** A schedule with the client of its instance. */
export type ScheduleRow = PowerSchedule & Pick<Instance, 'clientId'>;

const SELECT = `${columns(powerSchedules, 's')}, i.client_id "clientId"`;
const FROM = 'power_schedule s join instance i on i.id = s.instance_id';
const scheduleList: ListSpec = {
  select: SELECT,
  from: FROM,
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    instance: { sql: 's.instance_id', type: 'uuid', plain: true },
    client: { sql: 'i.client_id', type: 'int' },
    action: { sql: 's.action', type: 'text' },
    enabled: { sql: 's.enabled', type: 'boolean' },
    next_run: { sql: 's.next_run_at', type: 'time' },
    created_at: { sql: 's.created_at', type: 'time' },
  },
  search: ['i.name', 's.action'],
  ordering: '-created_at',
  tie: 's.id',
};
/** @param clientIds whose; null: everybody's */
export const listSchedules = (
  q: Queryable,
  query: Query,
  clientIds: readonly number[] | null,
): Promise<Page<ScheduleRow>> => {
  const scope: Condition[] = [{ sql: `i.vm_state <> 'deleted'`, values: [] }];
  if (clientIds) scope.push({ sql: 'i.client_id = any($::int[])', values: [clientIds] });
  return pageOf<ScheduleRow>(q, scheduleList, query, scope);
};
/** Of an instance that is not deleted. SQL: joins */
export const findSchedule = async (q: Queryable, id: string): Promise<ScheduleRow | undefined> =>
  (await sql<ScheduleRow>(q, `select ${SELECT} from ${FROM} where s.id = $1 and i.vm_state <> 'deleted'`, [id]))[0];
export const countOfInstance = (tx: Tx, instanceId: string): Promise<number> =>
  em(tx).countBy(powerSchedules, { instanceId });
export type NewSchedule = Pick<
  PowerSchedule,
  'id' | 'instanceId' | 'action' | 'cron' | 'timezone' | 'enabled' | 'nextRunAt'
>;
export const insertSchedule = async (tx: Tx, one: NewSchedule): Promise<void> => {
  await em(tx).insert(powerSchedules, one);
};
export type ScheduleChanges = {
  [K in 'action' | 'cron' | 'timezone' | 'enabled' | 'nextRunAt']?: PowerSchedule[K] | undefined;
};
export const updateSchedule = async (tx: Tx, id: string, changes: ScheduleChanges): Promise<void> => {
  await em(tx).update(powerSchedules, { id }, { ...withoutUndefined(changes), updatedAt: () => 'now()' });
};
export const deleteSchedule = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).delete(powerSchedules, { id });
};

/** A schedule whose time has come. */
export type DueSchedule = Pick<PowerSchedule, 'id' | 'instanceId' | 'action' | 'cron' | 'timezone'> &
  Pick<Instance, 'clientId' | 'regionId' | 'vmState'> & { nextRunAt: string };
/**
 * Takes the schedule that is due for longest; others pass it over until this transaction ends. SQL: skips locked rows
 */
export const claimDue = async (tx: Tx, now: Date): Promise<DueSchedule | undefined> =>
  (
    await sql<DueSchedule>(
      tx,
      `select ${columns(powerSchedules, 's', ['id', 'instanceId', 'action', 'cron', 'timezone', 'nextRunAt'])},
        i.client_id "clientId", i.region_id "regionId", i.vm_state "vmState"
      from power_schedule s join instance i on i.id = s.instance_id
      where s.enabled and s.next_run_at <= $1 order by s.next_run_at, s.id limit 1 for update of s skip locked`,
      [now],
    )
  )[0];
/** SQL: conditional. */
export const writeRun = async (
  tx: Tx,
  id: string,
  { now, result, next }: { now: Date; result: RunResult; next: Date | null },
): Promise<void> => {
  await run(
    tx,
    `update power_schedule set next_run_at = $2, last_result = $3::jsonb, last_run_at = coalesce($4, last_run_at)
    where id = $1`,
    [id, next, JSON.stringify(result), result.status === 'skipped' ? null : now],
  );
};
/** Deletes a portion of the schedules of deleted instances. SQL: joins. @returns how many */
export const deleteOfDeleted = async (q: Queryable): Promise<number> =>
  (
    await sql(
      q,
      `delete from power_schedule where id in (select s.id from power_schedule s join instance i on i.id = s.instance_id
        where i.vm_state = 'deleted' limit 1000) returning 1`,
    )
  ).length;
