import { columns, em, run as execute, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { runHistory, type PastRun } from './tables.js';

export type { PastRun };
/** Bytes of data; more are not kept. */
export const LARGEST_KEPT = 2 * 1024 * 1024;
/**
 * Keeps a run that has ended, once, and drops the oldest ones of the node. SQL: copied in the database, with its data,
 * which may be large.
 */
export const keepRun = async (tx: Tx, nodeUuid: string, keep: number): Promise<void> => {
  if (keep === 0) return;
  await execute(
    tx,
    `insert into run_history (id, node_uuid, cause, state, started_at, finished_at, error, phases, body)
      select r.id, r.node_uuid, r.cause, r.state, r.started_at, r.finished_at, r.error, r.phases,
        (select d.body from run_data d where d.node_uuid = r.node_uuid and d.processed and r.state = 'finished'
          and octet_length(d.body) <= ${LARGEST_KEPT})
      from run r where r.node_uuid = $1 and r.finished_at is not null on conflict (id) do nothing`,
    [nodeUuid],
  );
  await execute(
    tx,
    `delete from run_history where id in (
      select id from run_history where node_uuid = $1 order by finished_at desc, id desc offset $2 limit 1000)`,
    [nodeUuid, keep],
  );
};
/** Without its data. */
export type ListedPastRun = Omit<PastRun, 'body'> & { hasData: boolean };
const LISTED = columns(runHistory, 'h', [
  'id',
  'nodeUuid',
  'cause',
  'state',
  'startedAt',
  'finishedAt',
  'error',
  'phases',
]);
/** Newest first. SQL: keyset by the index, without the data. @param after the last of the page before */
export const listHistory = (
  q: Queryable,
  nodeUuid: string,
  limit: number,
  after?: string,
): Promise<ListedPastRun[]> => {
  const follows = 'and (h.finished_at, h.id) < (select finished_at, id from run_history where id = $3)';
  return sql<ListedPastRun>(
    q,
    `select ${LISTED}, h.body is not null "hasData" from run_history h
      where h.node_uuid = $1 ${after === undefined ? '' : follows}
      order by h.finished_at desc, h.id desc limit $2`,
    after === undefined ? [nodeUuid, limit] : [nodeUuid, limit, after],
  );
};
export const findPastRun = async (q: Queryable, nodeUuid: string, id: string): Promise<PastRun | undefined> =>
  (await em(q).findOneBy(runHistory, { nodeUuid, id })) ?? undefined;
/** The last run with data before another. SQL: by the index. */
export const findRunBefore = async (
  q: Queryable,
  { nodeUuid, finishedAt, id }: Pick<PastRun, 'nodeUuid' | 'finishedAt' | 'id'>,
): Promise<PastRun | undefined> =>
  (
    await sql<PastRun>(
      q,
      `select ${columns(runHistory, 'h')} from run_history h
        where h.node_uuid = $1 and (h.finished_at, h.id) < ($2::timestamptz, $3::uuid) and h.body is not null
        order by h.finished_at desc, h.id desc limit 1`,
      [nodeUuid, finishedAt, id],
    )
  )[0];
