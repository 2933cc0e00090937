import { Fault, notFound, type Queryable } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { uuidOf } from '../../nodes/domain/refs.js';
import { shown } from '../../values.js';
import type { RunState } from '../run-states.js';
import { listRuns, type ListedRun } from '../store/listing.js';
import { findRun, type Run } from '../store/runs.js';

export type { ListedRun };
export interface Asked {
  limit?: number | undefined;
  marker?: string | undefined;
  state?: readonly RunState[] | undefined;
}
/** @throws Fault invalid list.limit */
export const demandLimit = (limit: number | undefined, most: number): number => {
  if (limit !== undefined && limit > most)
    throw new Fault('invalid', 'list.limit', { message: `Limit over ${most}: ${limit}` });
  return limit ? limit : most;
};
/** @throws Fault invalid list.marker; not_found run.marker */
const demandMarker = async (q: Queryable, marker: string): Promise<Run> => {
  const uuid = uuidOf(marker);
  if (uuid === undefined)
    throw new Fault('invalid', 'list.marker', { message: `Marker not UUID-like: ${shown(marker)}` });
  const run = await findRun(q, uuid);
  if (!run) throw notFound('run.marker', { message: `There is no introspection of the marker ${uuid}` });
  return run;
};
/**
 * A page of the runs of all nodes (contract introspection §2.5).
 * @throws Fault invalid list.limit, list.marker; not_found run.marker
 */
export const listIntrospections = async (ctx: IntrospectionCtx, asked: Asked): Promise<ListedRun[]> => {
  const limit = demandLimit(asked.limit, ctx.config.NEFOS_INTROSPECTION_API_MAX_LIMIT);
  const after = asked.marker === undefined ? undefined : await demandMarker(ctx.db, asked.marker);
  return listRuns(ctx.db, { limit, states: asked.state, after });
};
