import { facadeCompute } from '@nefos/contracts';
import { z } from 'zod';
import { requestAction, requestDelete, requestShelving, resetState } from '../../instances/domain/actions.js';
import { faceFault } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { lockInstance } from '../../instances/domain/instances.js';
import { getServer } from '../domain/servers.js';
import { action, changingAction, passedOver, plain } from './action.js';

const unsupported = (what: string) => (): Promise<never> => {
  throw faceFault('unsupported', `${what} is not supported.`);
};
/** On, off, asleep, locked, shelved. */
export const powerActions = {
  'os-start': plain((ctx, id) => requestAction(ctx, id, 'start')),
  'os-stop': plain((ctx, id) => requestAction(ctx, id, 'stop')),
  reboot: action(
    z.strictObject({ type: z.enum(['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']) }),
    async (ctx, id, { type }) => {
      await requestAction(ctx, id, 'reboot', type.toUpperCase() as 'HARD' | 'SOFT');
    },
  ),
  pause: plain((ctx, id) => requestAction(ctx, id, 'pause')),
  unpause: plain((ctx, id) => requestAction(ctx, id, 'unpause')),
  suspend: plain((ctx, id) => requestAction(ctx, id, 'suspend')),
  resume: plain((ctx, id) => requestAction(ctx, id, 'resume')),
  lock: changingAction<z.ZodType<{ locked_reason?: string | undefined } | null>>(
    [
      [1, passedOver],
      [73, z.strictObject({ locked_reason: z.string().min(1).max(255).optional() }).nullable()],
    ],
    async (ctx, id, args) => {
      await lockInstance(ctx, id, true, args?.locked_reason ?? null);
    },
  ),
  unlock: plain((ctx, id) => lockInstance(ctx, id, false)),
  shelve: plain((ctx, id) => requestShelving(ctx, id, 'shelve')),
  unshelve: changingAction<z.ZodType<{ availability_zone: string } | null>>(
    [
      [1, passedOver],
      [77, z.strictObject({ availability_zone: facadeCompute.novaName }).nullable()],
    ],
    async (ctx, id, args) => {
      // A server stays in its region.
      if (args && args.availability_zone !== (await getServer(ctx, id)).regionId)
        throw faceFault('invalid', 'The requested availability zone is not available');
      await requestShelving(ctx, id, 'unshelve');
    },
  ),
  // Shelving offloads by itself where the region can.
  shelveOffload: plain(unsupported('Offloading by itself')),
  trigger_crash_dump: action(z.null(), unsupported('A crash dump'), { from: 17 }),
  evacuate: action(
    z.strictObject({
      host: z.string().max(255).optional(),
      onSharedStorage: z.boolean().optional(),
      adminPass: z.string().max(255).optional(),
      force: z.boolean().optional(),
    }),
    async (ctx) => {
      demandAdmin(ctx);
      await unsupported('Evacuating a server')();
    },
  ),
  restore: plain(unsupported('Restoring a deleted server')),
  forceDelete: plain((ctx, id) => requestDelete(ctx, id)),
  'os-resetState': action(z.strictObject({ state: z.enum(['active', 'error']) }), async (ctx, id, { state }) => {
    demandAdmin(ctx);
    await resetState(ctx, id, state);
  }),
};
