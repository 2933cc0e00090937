import { z } from 'zod';
import { requestAction, requestDelete, requestShelving, resetState } from '../../instances/domain/actions.js';
import { faceFault } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { since } from '../../facade/api/microversion.js';
import { lockInstance } from '../../instances/domain/instances.js';
import { action, plain } from './action.js';

const unsupported = (what: string) => (): Promise<never> => {
  throw faceFault('unsupported', `${what} is not supported.`);
};
/** On, off, asleep, locked, shelved. */
export const powerActions = {
  'os-start': plain((ctx, id) => requestAction(ctx, id, 'start')),
  'os-stop': plain((ctx, id) => requestAction(ctx, id, 'stop')),
  reboot: action(z.strictObject({ type: z.string().max(10) }), async (ctx, id, { type }) => {
    const wanted = type.toUpperCase();
    if (wanted !== 'SOFT' && wanted !== 'HARD')
      throw faceFault(
        'invalid',
        `Invalid input for field/attribute type. Value: ${type}. '${type}' is not one of ` +
          `['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']`,
      );
    await requestAction(ctx, id, 'reboot', wanted);
  }),
  pause: plain((ctx, id) => requestAction(ctx, id, 'pause')),
  unpause: plain((ctx, id) => requestAction(ctx, id, 'unpause')),
  suspend: plain((ctx, id) => requestAction(ctx, id, 'suspend')),
  resume: plain((ctx, id) => requestAction(ctx, id, 'resume')),
  lock: action(
    z.strictObject({ locked_reason: z.string().min(1).max(255).optional() }).nullish(),
    async (ctx, id, args) => {
      if (args?.locked_reason !== undefined && !since(ctx, 73))
        throw faceFault('invalid', "Additional properties are not allowed ('locked_reason' was unexpected)");
      await lockInstance(ctx, id, true, args?.locked_reason ?? null);
    },
  ),
  unlock: plain((ctx, id) => lockInstance(ctx, id, false)),
  shelve: plain((ctx, id) => requestShelving(ctx, id, 'shelve')),
  unshelve: plain((ctx, id) => requestShelving(ctx, id, 'unshelve')),
  // Shelving offloads by itself where the region can.
  shelveOffload: plain(unsupported('Offloading by itself')),
  trigger_crash_dump: plain(unsupported('A crash dump'), { from: 17 }),
  restore: plain(unsupported('Restoring a deleted server')),
  forceDelete: plain((ctx, id) => requestDelete(ctx, id)),
  'os-resetState': action(z.strictObject({ state: z.enum(['active', 'error']) }), async (ctx, id, { state }) => {
    demandAdmin(ctx);
    await resetState(ctx, id, state);
  }),
};
