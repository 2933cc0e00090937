import { Fault, notFound, type Queryable } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { uuidOf } from '../../nodes/domain/refs.js';
import { shown, type Json } from '../../values.js';
import { findPastRun, findRunBefore, listHistory, type ListedPastRun, type PastRun } from '../store/history.js';
import { difference, type Change } from './difference.js';
import { demandLimit } from './listing.js';

export type { ListedPastRun, PastRun };
const PAGE = 100;
const CHANGES = 1000;

/** @throws Fault not_found node.absent, run.past_absent */
export const demandPastRun = async (q: Queryable, ref: string, id: string): Promise<PastRun> => {
  const { uuid } = await demandNode(q, ref);
  const known = uuidOf(id);
  const run = known === undefined ? undefined : await findPastRun(q, uuid, known);
  if (!run) throw notFound('run.past_absent', { message: `There is no run ${shown(id)} in the history of the node` });
  return run;
};
/** @throws Fault not_found node.absent, run.past_absent; invalid list.limit */
export const listPastRuns = async (
  { db }: IntrospectionCtx,
  ref: string,
  asked: { limit?: number | undefined; marker?: string | undefined },
): Promise<ListedPastRun[]> => {
  const limit = demandLimit(asked.limit, PAGE);
  const { uuid } = await demandNode(db, ref);
  const after = asked.marker === undefined ? undefined : (await demandPastRun(db, uuid, asked.marker)).id;
  return listHistory(db, uuid, limit, after);
};

const dataOf = ({ id, body }: PastRun): Json => {
  if (body === null) throw new Fault('not_found', 'run.no_data', { message: `Run ${id} has no data` });
  return JSON.parse(body) as Json;
};
/**
 * What differs between the data of two runs of a node.
 * @param since the earlier one; undefined: the last before with data
 * @throws Fault not_found node.absent, run.past_absent, run.no_data
 */
export const changesOf = async (
  { db }: IntrospectionCtx,
  ref: string,
  id: string,
  since: string | undefined,
): Promise<{ run: string; since: string; changes: Change[]; truncated: boolean }> => {
  const run = await demandPastRun(db, ref, id);
  const earlier = since === undefined ? await findRunBefore(db, run) : await demandPastRun(db, ref, since);
  if (!earlier) throw notFound('run.past_absent', { message: `There is no earlier run with data than ${run.id}` });
  return { run: run.id, since: earlier.id, ...difference(dataOf(earlier), dataOf(run), CHANGES) };
};
