import { millis } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { listTimedOut } from '../store/unfinished.js';
import { orderPower } from './power.js';
import { finishRun, lockRun, nextState, notePhase } from './transitions.js';

/** What clients know a run by whose machine never called back. */
const TIMEOUT = 'Introspection timeout';

const timeOut = (ctx: IntrospectionCtx, node: string, id: string): Promise<boolean> =>
  ctx.db.transaction(async (tx) => {
    // Whoever has the lock is at work on it.
    const run = await lockRun(tx, node, 'skip');
    if (run?.id !== id || nextState(run.state, 'timeout') === undefined) return false;
    const minutes = Math.round((ctx.clock.now().getTime() - millis(run.startedAt)) / 60_000);
    await notePhase(tx, node, 'timeout', `In the state '${run.state}', ${minutes} minutes after the start.`);
    if (ctx.config.NEFOS_INTROSPECTION_TIMEOUT_POWER_OFF === 'yes' && run.manageBoot && run.state !== 'reapplying')
      await orderPower(ctx, tx, run, { target: 'power off' });
    await finishRun(ctx, tx, run, { state: 'error', error: TIMEOUT });
    return true;
  });
/** Ends the runs that have taken too long (contract introspection §4.3). @returns how many */
export const timeOutRuns = async (ctx: IntrospectionCtx): Promise<number> => {
  const { NEFOS_INTROSPECTION_TIMEOUT: seconds } = ctx.config;
  if (seconds === 0) return 0;
  let ended = 0;
  for (;;) {
    let moved = 0;
    for (const { nodeUuid, id } of await listTimedOut(ctx.db, seconds))
      if (await timeOut(ctx, nodeUuid, id)) moved += 1;
    ended += moved;
    // Those that somebody has the lock of are left to the next round.
    if (!moved) return ended;
  }
};
