import type { IntrospectionCtx } from '../../ctx.js';
import { isOutOfPatience, lookAgain, type Outcome } from './power-off.js';
import { orderPower } from './power.js';
import { recognise } from './start.js';
import { TASKS } from './tasks.js';
import { finishRun, lockThisRun, notePhase, transition } from './transitions.js';

/**
 * The background of a start (contract introspection §2.3): what the machine is recognised by, then the order that
 * boots it from the network, once. The order waits for its turn between two reboots.
 */
export const prepareRun = (ctx: IntrospectionCtx, node: string, id: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'starting' || run.orderId !== null) return;
    if ((await recognise(ctx, tx, run)) !== null) return;
    if ((await orderPower(ctx, tx, run, { target: 'rebooting', then: TASKS.powered })) === 'ordered')
      await notePhase(tx, node, 'power ordered');
    else if (!isOutOfPatience(ctx, run)) await lookAgain(tx, TASKS.prepare, run);
    else
      await finishRun(ctx, tx, run, {
        state: 'error',
        error: 'The machine is being switched by another order that does not end.',
      });
  });
/** The order has ended: the machine boots, and its callback is awaited. */
export const endBoot = (ctx: IntrospectionCtx, node: string, id: string, { ok, error }: Outcome): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const run = await lockThisRun(tx, node, id);
    if (run?.state !== 'starting') return;
    await notePhase(tx, node, ok ? 'power on seen' : 'power on failed', ok ? undefined : error);
    if (ok) await transition(tx, run, 'wait');
    else await finishRun(ctx, tx, run, { state: 'error', error: `The machine could not be powered on: ${error}` });
  });
