import type { ComputeCtx } from '../../ctx.js';
import { acceptAction } from '../../operations/domain/accept.js';
import { demandSupported } from '../../operations/domain/faults.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { TRANSITIONS, type JobAction } from '../../operations/transitions.js';
import { POWER_SCHEDULES } from '../store/power-schedules.js';
import type { PowerSchedule, ScheduledAction } from '../tables.js';
import { nextTime } from './cron.js';
import { sweepDue, type ScheduleRunner } from './due.js';

const ACTION: Record<ScheduledAction, JobAction> = { start: 'start', stop: 'stop', reboot: 'rebootSoft' };

/** Asks for the action as the portal itself does, but a lock of the instance stops it: it is its user's wish. */
const runner: ScheduleRunner<PowerSchedule> = {
  kind: POWER_SCHEDULES,
  next: ({ cron, timezone }, after) => nextTime(cron, timezone, after),
  ask: async (ctx, tx, { instanceId, clientId, regionId, action }) => {
    demandSupported(ctx, regionId, action);
    await refuseHeld(tx, { clientId, instanceId }, { staff: false, wakes: TRANSITIONS[ACTION[action]].wakes });
    return {
      operation: await acceptAction(tx, {
        instanceId,
        action: ACTION[action],
        by: null,
        requestId: null,
        bypassLock: false,
      }),
    };
  },
};
/** Starts, stops and reboots what is due. */
export const sweepSchedules = (ctx: ComputeCtx): Promise<Record<string, number>> => sweepDue(runner, ctx);
