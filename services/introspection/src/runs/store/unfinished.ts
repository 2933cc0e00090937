import { sql, type Queryable } from '@nefos/service-kit';
import { RUN, type Run } from './tables.js';

const PORTION = 100;
/** Runs that began longer ago than that and have not ended, oldest first. SQL: the database's clock. */
export const listTimedOut = (q: Queryable, seconds: number): Promise<Pick<Run, 'nodeUuid' | 'id'>[]> =>
  sql(
    q,
    `select node_uuid "nodeUuid", id from (
      (select node_uuid, id, started_at from run
        where finished_at is null and started_at < now() - make_interval(secs => $1)
        order by started_at limit ${PORTION})
      union
      (select node_uuid, id, started_at from run
        where state = 'reapplying' and started_at < now() - make_interval(secs => $1)
        order by started_at limit ${PORTION})) late order by started_at limit ${PORTION}`,
    [seconds],
  );
/**
 * Runs that somebody should be at work on and that have not moved for some time. SQL: the partial index of busy
 * states.
 * @param after the last of the portion before
 */
export const listStill = (q: Queryable, seconds: number, after?: Pick<Run, 'stateAt' | 'nodeUuid'>): Promise<Run[]> =>
  sql<Run>(
    q,
    `select ${RUN} from run r
      where r.state in ('starting', 'processing', 'reapplying', 'enrolling', 'aborting')
        and r.state_at < now() - make_interval(secs => $1)
        ${after ? 'and (r.state_at, r.node_uuid) > ($2::timestamptz, $3::uuid)' : ''}
      order by r.state_at, r.node_uuid limit ${PORTION}`,
    [seconds, ...(after ? [after.stateAt, after.nodeUuid] : [])],
  );
/** Whether there is a job of this key: one that waits, runs, or is out of attempts. SQL: the queue's tables. */
export const hasJob = async (q: Queryable, key: string): Promise<boolean> =>
  (await sql(q, 'select from graphile_worker.jobs where key = $1', [key])).length > 0;
