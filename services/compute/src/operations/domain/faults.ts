import type { Fault } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { DriverAction } from '../../ports/driver.js';
import { refusal } from '../../refusals.js';
import { TRANSITIONS, type JobAction, type TransitionRefusal } from '../transitions.js';

/** An action that the instance's state does not allow (contract compute §6.7). */
export const transitionRefused = (
  id: string,
  action: JobAction,
  { code, state = 'unknown' }: TransitionRefusal,
): Fault => {
  const { word } = TRANSITIONS[action];
  if (code === 'not_launched') return refusal('conflict', 'instance.not_launched', { id, word });
  const refused = code === 'busy' ? 'instance.busy' : code === 'idle' ? 'instance.idle' : 'instance.state';
  return refusal('conflict', refused, { id, word, state });
};
export const locked = (id: string): Fault => refusal('conflict', 'instance.locked', { id });
export const deleteProtected = (): Fault => refusal('conflict', 'instance.protected');
export const unsupported = (action: string): Fault => refusal('conflict', 'action.unsupported', { action });
/** @param word the action as the request names it @throws Fault conflict/action.unsupported */
export const demandSupported = (
  { drivers }: Pick<ComputeCtx, 'drivers'>,
  regionId: string,
  needs: DriverAction,
  word: string = needs,
): void => {
  if (!drivers.of(regionId).capabilities.actions.has(needs)) throw unsupported(word);
};
export const clientSuspended = (): Fault => refusal('forbidden', 'client.suspended');
