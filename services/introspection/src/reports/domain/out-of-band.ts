import { randomUUID } from 'node:crypto';
import { databaseAway, Fault, millis, type Tx } from '@nefos/service-kit';
import { record } from '../../access/domain/audit.js';
import { readInventory } from '../../bmc/domain/bmcs.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { jsonText } from '../../json-text.js';
import { demandNode, findNode, lockNode, nodeAbsent, type Node } from '../../nodes/domain/nodes.js';
import { insertRun, replaceRun } from '../../runs/domain/records.js';
import { demandProvisionState, type Start } from '../../runs/domain/start.js';
import { continueRun, TASKS } from '../../runs/domain/tasks.js';
import {
  demandTransition,
  findRun,
  finishRun,
  lockRun,
  lockThisRun,
  notePhase,
  transition,
  type Run,
} from '../../runs/domain/transitions.js';
import { applyTo, saveReport, type Applied } from './apply.js';
import type { Report } from './report-workers.js';

/**
 * Starts an introspection that asks the BMC instead of booting the machine (contract introspection §12.1, §12.2): a job
 * reads what the BMC knows, and the same hooks and rules go over it.
 * @throws Fault not_found node.absent; invalid node.provision_state, run.transition
 */
export const startOutOfBand = async (
  ctx: IntrospectionCtx,
  ref: string,
  { cause, actor }: Pick<Start, 'cause' | 'actor'>,
): Promise<void> => {
  const { uuid: nodeUuid } = await demandNode(ctx.db, ref);
  await ctx.db.transaction(async (tx) => {
    const before = await lockRun(tx, nodeUuid);
    const node = await lockNode(tx, nodeUuid);
    if (!node) throw nodeAbsent(ref);
    demandProvisionState(ctx, node);
    demandTransition(before?.state ?? 'none', 'start');
    const one = { nodeUuid, id: randomUUID(), cause, state: 'starting' as const, manageBoot: false, outOfBand: true };
    const run = await (before ? replaceRun(tx, one) : insertRun(tx, one));
    if (!run) throw new Fault('conflict', 'node.locked', { message: `Node ${nodeUuid} is locked` });
    await notePhase(tx, nodeUuid, 'starting', 'The BMC is asked');
    const details = { run: run.id, cause, out_of_band: true };
    await record(tx, { actor, operation: 'introspection.start', nodeUuid, result: 'accepted', details });
    await continueRun(tx, TASKS.outOfBand, run);
  });
};

const AGAIN_MS = 2000;
/** So long a BMC may be busy with others, or not answer, before the run fails. */
const PATIENCE_MS = 180_000;
/** The end of a run whose data could not be had, or could not be used. */
const fail = (ctx: IntrospectionCtx, { nodeUuid, id }: Run, error: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, nodeUuid, id);
    if (run?.state === 'starting') await finishRun(ctx, tx, run, { state: 'error', error });
  });
const comeAgain = async (ctx: IntrospectionCtx, run: Run, reason: string): Promise<void> => {
  if (Date.now() - millis(run.startedAt) > PATIENCE_MS) await fail(ctx, run, reason);
  else await ctx.db.transaction((tx) => continueRun(tx, TASKS.outOfBand, run, AGAIN_MS));
};
const textOfFault = ({ params, code }: Fault): string =>
  typeof params.message === 'string' ? params.message : `The BMC could not be asked (${code})`;
/** @returns the report; undefined: the run has ended, or another job comes */
const ask = async (ctx: IntrospectionCtx, run: Run, node: Node, signal: AbortSignal): Promise<Report | undefined> => {
  try {
    const data = await readInventory(ctx, node, signal);
    if (data) return await ctx.outOfBand.read(Buffer.from(jsonText(data)));
    await comeAgain(ctx, run, 'The BMC was busy for too long');
  } catch (err) {
    if (!(err instanceof Fault) || databaseAway(err.cause)) throw err;
    if (err.kind === 'unavailable' || err.code === 'bmc.unreachable') await comeAgain(ctx, run, textOfFault(err));
    else await fail(ctx, run, textOfFault(err));
  }
  return undefined;
};
const save = async (
  ctx: IntrospectionCtx,
  tx: Tx,
  { run: { nodeUuid, id }, report, applied }: { run: Run; report: Report; applied: Applied | undefined },
) => {
  const run = await lockThisRun(tx, nodeUuid, id);
  if (run?.state !== 'starting') return undefined;
  const outcome = await saveReport(ctx, tx, run, report, applied);
  if (!outcome || 'again' in outcome) return outcome;
  if (outcome.error !== null) await finishRun(ctx, tx, run, { state: 'error', error: outcome.error });
  else {
    await transition(tx, await transition(tx, run, 'wait'), 'process');
    await continueRun(tx, TASKS.end, run);
  }
  return undefined;
};
/** The job: asks the BMC, and processes what it says. The machine is not switched. */
export const inspectOutOfBand = async (
  ctx: IntrospectionCtx,
  nodeUuid: string,
  id: string,
  signal: AbortSignal,
): Promise<void> => {
  const run = await findRun(ctx.db, nodeUuid);
  const node = await findNode(ctx.db, nodeUuid);
  if (run?.id !== id || run.state !== 'starting' || !node) return;
  const report = await ask(ctx, run, node, signal);
  if (!report) return;
  if (report.failures.length) {
    await fail(ctx, run, report.failures.join('\n'));
    return;
  }
  for (let applied: Applied | undefined; ;) {
    const outcome = await ctx.db.transaction((tx) => save(ctx, tx, { run, report, applied }));
    if (!outcome || !('again' in outcome)) return;
    applied = await applyTo(ctx, report, outcome.again.machine, outcome.again.discovered);
  }
};
