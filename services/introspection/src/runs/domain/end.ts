import { setTimeout as sleep } from 'node:timers/promises';
import { CHANNELS, perDatabase, together, type Db, type Tx } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { findNode } from '../../nodes/domain/nodes.js';
import { IN_USE } from '../../nodes/domain/provision-states.js';
import type { RunEnding } from '../run-ending.js';
import { endProcessedRuns } from '../store/quick-end.js';
import type { Run } from '../store/runs.js';
import { powerOff, type Outcome } from './power-off.js';
import { ensureContinued, TASKS } from './tasks.js';
import { finishRun, lockThisRun, notePhase } from './transitions.js';

/** Machines that were switched on for the run are switched off, but those in use (contract introspection §7). */
const goesOff = async ({ config }: IntrospectionCtx, tx: Tx, { nodeUuid, manageBoot }: Run): Promise<boolean> => {
  if (config.NEFOS_INTROSPECTION_POWER_OFF === 'no' || !manageBoot) return false;
  const node = await findNode(tx, nodeUuid);
  return node !== undefined && !IN_USE.includes(node.provisionState);
};
/** Runs that end at the same time end in one statement. */
const endTogether = perDatabase((db: Db) =>
  together<Ending, boolean>(async (endings) => {
    const [{ options } = { options: undefined }] = endings;
    if (!options) return [];
    const ended = new Set(await endProcessedRuns(db, endings, options));
    return endings.map(({ node }) => ended.has(node));
  }),
);
interface Ending {
  node: string;
  id: string;
  options: Parameters<typeof endProcessedRuns>[2];
}
/** The job after processing, which is enqueued in the transaction that saved the data: `TASKS.end`. */
export const endProcessing = async (ctx: IntrospectionCtx, node: string, id: string): Promise<void> => {
  const { NEFOS_INTROSPECTION_POWER_OFF: off, NEFOS_INTROSPECTION_HISTORY: keep } = ctx.config;
  const options = { keep, managed: off === 'no', channel: CHANNELS.outbox };
  if (!(await endTogether(ctx.db)({ node, id, options }))) await endCarefully(ctx, node, id);
};
/** Whether the machine stays as it is when the run ends. */
export const isLeftAlone = (
  { config }: Pick<IntrospectionCtx, 'config'>,
  { manageBoot }: { manageBoot: boolean | null },
): boolean => manageBoot === false || config.NEFOS_INTROSPECTION_POWER_OFF === 'no';
/** So long runs are collected: whoever asks right after a report still sees that it is processed. */
const COLLECT_MS = 25;
const BATCH = 100;
export const createRunEnding = (ctx: IntrospectionCtx): RunEnding => {
  let waiting: { node: string; id: string }[] = [];
  let working: Promise<void> | undefined;
  let stopped = false;
  const end = async (batch: readonly { node: string; id: string }[]): Promise<void> => {
    const { NEFOS_INTROSPECTION_POWER_OFF: off, NEFOS_INTROSPECTION_HISTORY: keep } = ctx.config;
    const options = { keep, managed: off === 'no', channel: CHANNELS.outbox };
    const ended = new Set(await endProcessedRuns(ctx.db, batch, options));
    // Locked by somebody, or changed meanwhile: a job looks.
    for (const { node, id } of batch)
      if (!ended.has(node)) await ctx.db.transaction((tx) => ensureContinued(tx, TASKS.end, { nodeUuid: node, id }));
  };
  const work = async (): Promise<void> => {
    while (waiting.length) {
      if (!stopped) await sleep(COLLECT_MS);
      const batch = waiting.splice(0, BATCH);
      await end(batch).catch((err: unknown) =>
        ctx.log.warn({ err, runs: batch.length }, 'runs could not be ended; the sweep finds them'),
      );
    }
    working = undefined;
  };
  return {
    soon: (node, id) => {
      waiting.push({ node, id });
      working ??= work();
    },
    stop: async () => {
      stopped = true;
      await working;
      waiting = [];
    },
  };
};
/** Of a run whose machine is switched off first, or that the registry has to be told of. */
const endCarefully = (ctx: IntrospectionCtx, node: string, id: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'processing') return;
    if ((await goesOff(ctx, tx, run)) && !(await powerOff(ctx, tx, run, { looks: TASKS.end, then: TASKS.ended })))
      return;
    await finishRun(ctx, tx, run, { state: 'finished', error: null });
  });
/** The machine is off. One that could not be switched off fails the run, unless it was made by discovery. */
export const endPoweredOff = (ctx: IntrospectionCtx, node: string, id: string, { ok, error }: Outcome): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'processing') return;
    await notePhase(tx, node, ok ? 'powered off' : 'power off failed', ok ? undefined : error);
    const failed = !ok && !run.discovered;
    await finishRun(
      ctx,
      tx,
      run,
      failed
        ? { state: 'error', error: `The machine could not be powered off: ${error}` }
        : { state: 'finished', error: null },
    );
  });
