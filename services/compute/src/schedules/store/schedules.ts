import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListField, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import type { Instance } from '../../operations/tables.js';
import type { BackupSchedule, PowerSchedule, RunResult } from '../tables.js';

// What the tables of schedules have in common. SQL: joins, locks and conditions.

/** A kind of schedule, by its table. */
export interface ScheduleKind<R extends PowerSchedule | BackupSchedule> {
  name: 'power_schedule' | 'backup_schedule';
  /** SQL of all columns of the row `s`. */
  columns: string;
  /** What lists can be filtered and ordered by beside the rest, and the columns that are searched. */
  fields: Record<string, ListField>;
  search: readonly string[];
  /** Never there: names the type of the rows. */
  row?: R;
}
/** A schedule with the client of its instance. */
export type WithClient<R> = R & Pick<Instance, 'clientId'>;

const select = ({ columns }: Pick<ScheduleKind<PowerSchedule>, 'columns'>): string =>
  `${columns}, i.client_id "clientId"`;
const from = ({ name }: Pick<ScheduleKind<PowerSchedule>, 'name'>): string =>
  `${name} s join instance i on i.id = s.instance_id`;
const listOf = <R extends PowerSchedule | BackupSchedule>(kind: ScheduleKind<R>): ListSpec => ({
  select: select(kind),
  from: from(kind),
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    instance: { sql: 's.instance_id', type: 'uuid', plain: true },
    client: { sql: 'i.client_id', type: 'int' },
    ...kind.fields,
    enabled: { sql: 's.enabled', type: 'boolean' },
    next_run: { sql: 's.next_run_at', type: 'time' },
    created_at: { sql: 's.created_at', type: 'time' },
  },
  search: ['i.name', ...kind.search],
  ordering: '-created_at',
  tie: 's.id',
});
/** @param clientIds whose; null: everybody's */
export const listSchedules = <R extends PowerSchedule | BackupSchedule>(
  q: Queryable,
  kind: ScheduleKind<R>,
  query: Query,
  clientIds: readonly number[] | null,
): Promise<Page<WithClient<R>>> => {
  const scope: Condition[] = [{ sql: `i.vm_state <> 'deleted'`, values: [] }];
  if (clientIds) scope.push({ sql: 'i.client_id = any($::int[])', values: [clientIds] });
  return pageOf<WithClient<R>>(q, listOf(kind), query, scope);
};
/** Of an instance that is not deleted. */
export const findSchedule = async <R extends PowerSchedule | BackupSchedule>(
  q: Queryable,
  kind: ScheduleKind<R>,
  id: string,
): Promise<WithClient<R> | undefined> =>
  (
    await sql<WithClient<R>>(
      q,
      `select ${select(kind)} from ${from(kind)} where s.id = $1 and i.vm_state <> 'deleted'`,
      [id],
    )
  )[0];
export const countOfInstance = async (
  tx: Tx,
  { name }: Pick<ScheduleKind<PowerSchedule>, 'name'>,
  instanceId: string,
): Promise<number> =>
  (await sql<{ n: number }>(tx, `select count(*)::int n from ${name} where instance_id = $1`, [instanceId]))[0]?.n ?? 0;
export const deleteSchedule = async (
  tx: Tx,
  { name }: Pick<ScheduleKind<PowerSchedule>, 'name'>,
  id: string,
): Promise<void> => {
  await run(tx, `delete from ${name} where id = $1`, [id]);
};

/** A schedule whose time has come. */
export type Due<R> = R & Pick<Instance, 'clientId' | 'regionId' | 'vmState'> & { nextRunAt: string };
/** Takes the schedule that is due for longest; others pass it over until this transaction ends. */
export const claimDue = async <R extends PowerSchedule | BackupSchedule>(
  tx: Tx,
  kind: ScheduleKind<R>,
  now: Date,
): Promise<Due<R> | undefined> =>
  (
    await sql<Due<R>>(
      tx,
      `select ${select(kind)}, i.region_id "regionId", i.vm_state "vmState" from ${from(kind)}
      where s.enabled and s.next_run_at <= $1 order by s.next_run_at, s.id limit 1 for update of s skip locked`,
      [now],
    )
  )[0];
export const writeRun = async (
  tx: Tx,
  { name }: Pick<ScheduleKind<PowerSchedule>, 'name'>,
  id: string,
  { now, result, next }: { now: Date; result: RunResult; next: Date | null },
): Promise<void> => {
  await run(
    tx,
    `update ${name} set next_run_at = $2, last_result = $3::jsonb, last_run_at = coalesce($4, last_run_at)
    where id = $1`,
    [id, next, JSON.stringify(result), result.status === 'skipped' ? null : now],
  );
};
/** Deletes a portion of the schedules of deleted instances. @returns how many */
export const deleteOfDeleted = async (
  q: Queryable,
  { name }: Pick<ScheduleKind<PowerSchedule>, 'name'>,
): Promise<number> =>
  (
    await sql(
      q,
      `delete from ${name} where id in (select s.id from ${name} s join instance i on i.id = s.instance_id
        where i.vm_state = 'deleted' limit 1000) returning 1`,
    )
  ).length;
