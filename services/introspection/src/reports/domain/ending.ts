import type { IntrospectionCtx } from '../../ctx.js';
import { demandTransition, finishRun, lockThisRun } from '../../runs/domain/transitions.js';

/** The end of a run whose report is saved. */
export const finishReported = (ctx: IntrospectionCtx, node: string, id: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'processing') return;
    demandTransition(run.state, 'finish');
    await finishRun(ctx, tx, run, { state: 'finished', error: null });
  });
