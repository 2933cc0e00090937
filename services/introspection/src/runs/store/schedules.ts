import { columns, em, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { inspectionSchedules, type InspectionSchedule } from './tables.js';

export type { InspectionSchedule };
const ALL = columns(inspectionSchedules, 's');

export const findSchedule = async (q: Queryable, nodeUuid: string): Promise<InspectionSchedule | undefined> =>
  (await em(q).findOneBy(inspectionSchedules, { nodeUuid })) ?? undefined;
/** SQL: insert or replace, and the database's clock. */
export const writeSchedule = async (
  tx: Tx,
  nodeUuid: string,
  everySeconds: number,
  firstInSeconds: number,
): Promise<InspectionSchedule | undefined> =>
  (
    await sql<InspectionSchedule>(
      tx,
      `insert into inspection_schedule as s (node_uuid, every_seconds, next_at)
        values ($1, $2, now() + make_interval(secs => $3))
        on conflict (node_uuid) do update set every_seconds = excluded.every_seconds, next_at = excluded.next_at
        returning ${ALL}`,
      [nodeUuid, everySeconds, firstInSeconds],
    )
  )[0];
/** @returns whether there was one */
export const deleteSchedule = async (tx: Tx, nodeUuid: string): Promise<boolean> =>
  ((await em(tx).delete(inspectionSchedules, { nodeUuid })).affected ?? 0) > 0;
const PORTION = 50;
/**
 * Takes the nodes that are due, and moves their time on, so that no other process takes them; times that were missed
 * are not made up for. SQL: `skip locked`, and both in one statement.
 */
export const takeDue = (tx: Tx): Promise<Pick<InspectionSchedule, 'nodeUuid' | 'nextAt'>[]> =>
  sql(
    tx,
    `update inspection_schedule set next_at = now() + make_interval(secs => every_seconds) where node_uuid in (
      select node_uuid from inspection_schedule where next_at <= now()
        order by next_at limit ${PORTION} for update skip locked)
      returning node_uuid "nodeUuid", next_at "nextAt"`,
  );
