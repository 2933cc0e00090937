import { columns, prepared, sql, type Queryable } from '@nefos/service-kit';
import type { RunState } from '../run-states.js';
import { runs, type Run } from './tables.js';

/** What a status shows. */
export type ListedRun = Pick<Run, 'nodeUuid' | 'state' | 'startedAt' | 'finishedAt' | 'error'>;
const LISTED = columns(runs, 'r', ['nodeUuid', 'state', 'startedAt', 'finishedAt', 'error']);
export interface Page {
  limit: number;
  /** Only runs in one of these. */
  states?: readonly RunState[] | undefined;
  /** Only what follows this run. */
  after?: Pick<Run, 'startedAt' | 'nodeUuid'> | undefined;
}
const ORDER = 'order by r.started_at desc, r.node_uuid desc';
/**
 * Newest first, by the pair (started_at, uuid). SQL, and prepared: keyset by an index. Of several states each is read
 * to the page's length by the index of states, so that rare ones are not searched for among all others.
 */
export const listRuns = (q: Queryable, { limit, states, after }: Page): Promise<ListedRun[]> => {
  const values: unknown[] = [limit];
  let where = '';
  if (after) {
    values.push(after.startedAt, after.nodeUuid);
    where = '(r.started_at, r.node_uuid) < ($2::timestamptz, $3::uuid)';
  }
  if (!states?.length)
    return prepared(q, `select ${LISTED} from run r ${where && `where ${where}`} ${ORDER} limit $1`, values);
  const parts = states.map((state) => {
    values.push(state);
    return `(select r.* from run r where r.state = $${values.length} ${where && `and ${where}`} ${ORDER} limit $1)`;
  });
  return prepared(q, `select ${LISTED} from (${parts.join(' union all ')}) r ${ORDER} limit $1`, values);
};
/** SQL: an aggregate, over the index of states. */
export const countRuns = async (q: Queryable): Promise<[RunState, number][]> =>
  (await sql<{ state: RunState; n: number }>(q, 'select state, count(*)::int n from run group by 1')).map(
    ({ state, n }) => [state, n],
  );
