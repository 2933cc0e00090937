import type { Fault } from '@nefos/service-kit';
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
export const clientSuspended = (): Fault => refusal('forbidden', 'client.suspended');
