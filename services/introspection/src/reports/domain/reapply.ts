import { randomUUID } from 'node:crypto';
import { conflict, Fault, notFound } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { beginReapply, findData, writeData } from '../../runs/domain/records.js';
import { continueRun, TASKS } from '../../runs/domain/tasks.js';
import { findRun, finishRun, lockRun, lockThisRun, nextState } from '../../runs/domain/transitions.js';
import { applyTo, saveReport, type Applied } from './apply.js';
import type { Report } from './report-workers.js';

const recordAbsent = (node: string): Fault =>
  notFound('run.absent', { message: `Introspection data or record of node ${node} was not found` });
const stateForbids = (node: string, state: string): Fault =>
  conflict('run.state', { message: `Node ${node} can not be processed again while its state is '${state}'` });

/**
 * Processes the stored data of a node again, or what is given, which takes their place (contract introspection §2.8).
 * The work is a job's.
 * @param given JSON text without logs; undefined: what is stored
 * @throws Fault not_found node.absent, run.absent; conflict node.locked, run.state
 */
export const requestReapply = async (ctx: IntrospectionCtx, ref: string, given: string | undefined): Promise<void> => {
  const { uuid: node } = await demandNode(ctx.db, ref);
  if (!(await findRun(ctx.db, node))) throw recordAbsent(node);
  await ctx.db.transaction(async (tx) => {
    const run = await lockRun(tx, node, 'now');
    if (!run) throw recordAbsent(node);
    if (nextState(run.state, 'reapply') === undefined) throw stateForbids(node, run.state);
    if (given !== undefined) await writeData(tx, node, 'unprocessed', given);
    else if ((await findData(tx, node, 'unprocessed')) === undefined) throw recordAbsent(node);
    const id = randomUUID();
    await beginReapply(tx, node, id);
    await continueRun(tx, TASKS.reapply, { nodeUuid: node, id });
  });
};
/** What is wrong with the stored data, if it is that. */
const unreadable = (err: unknown): string => {
  if (!(err instanceof Fault) || err.kind !== 'invalid') throw err;
  const { message, reason } = err.params;
  return typeof message === 'string' ? message : `The data are not valid: ${String(reason)}`;
};
/** The job: hooks and rules on the stored data. No look-up, and nothing is done to the machine's power. */
export const reapplyStored = async (ctx: IntrospectionCtx, node: string, id: string): Promise<void> => {
  const stored = await findData(ctx.db, node, 'unprocessed');
  const report = await ctx.reports.read(Buffer.from(stored ?? '')).catch(unreadable);
  const failure = typeof report === 'string' ? report : report.failures.join('\n');
  if (typeof report === 'string' || failure !== '') {
    await ctx.db.transaction(async (tx) => {
      const run = await lockThisRun(tx, node, id);
      if (run?.state === 'reapplying') await finishRun(ctx, tx, run, { state: 'error', error: failure });
    });
    return;
  }
  let applied: Applied | undefined;
  do applied = await saveAgain(ctx, node, id, report, applied);
  while (applied);
};
/** @returns what has to be saved in a next try: the machine had to be processed first */
const saveAgain = async (
  ctx: IntrospectionCtx,
  node: string,
  id: string,
  report: Report,
  applied: Applied | undefined,
): Promise<Applied | undefined> => {
  const outcome = await ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'reapplying') return undefined;
    const found = await saveReport(ctx, tx, run, report, applied);
    if (!found || 'again' in found) return found;
    const { error } = found;
    await finishRun(ctx, tx, run, { state: error === null ? 'finished' : 'error', error });
    return undefined;
  });
  return outcome && applyTo(ctx, report, outcome.again.machine, outcome.again.discovered);
};
