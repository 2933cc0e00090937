import type { PowerStep } from '../power-steps.js';
import type { PowerCommand, PowerState, PowerTarget } from './driver.js';

/** A command is sent again when nothing has come of it for so long. */
const AGAIN_SECONDS = 20;

const isReboot = (target: PowerTarget): boolean => target === 'rebooting' || target === 'soft rebooting';
const isSoft = (target: PowerTarget): boolean => target === 'soft power off' || target === 'soft rebooting';

/** What a step sends, and how it is marked before it does. */
export const COMMANDS: Partial<Record<PowerStep, { command: PowerCommand; mark: PowerStep }>> = {
  off: { command: 'off', mark: 'off_sent' },
  soft: { command: 'soft off', mark: 'soft_sent' },
  on: { command: 'on', mark: 'on_sent' },
};
/** The step that sends again what was marked as sent. */
const SENDING: Partial<Record<PowerStep, PowerStep>> = { off_sent: 'off', soft_sent: 'soft', on_sent: 'on' };

/** In which power state a target ends. */
export const endOf = (target: PowerTarget): PowerState =>
  target === 'power on' || isReboot(target) ? 'power on' : 'power off';

/** From a look at a machine that nothing was sent to yet. undefined: it is changing, so look again. */
const begin = (target: PowerTarget, seen: PowerState): PowerStep => {
  if (target === 'power on') return seen === 'power on' ? 'done' : 'on';
  if (seen === 'power off') return isReboot(target) ? 'on' : 'done';
  return isSoft(target) ? 'soft' : 'off';
};
/**
 * The next step after a look at the machine, contract §10.1 "rebooting": off, seen off, on. undefined: look again
 * later.
 * @param order how long it has been at its step, and whether the last command failed
 */
export const afterLook = (
  target: PowerTarget,
  step: PowerStep,
  seen: PowerState | null,
  order: { secondsInStep: number; error: string | null },
): PowerStep | undefined => {
  if (seen === null) return undefined;
  if (step === 'look') return begin(target, seen);
  if (step === 'on_sent' ? seen === 'power on' : seen === 'power off')
    return step !== 'on_sent' && isReboot(target) ? 'on' : 'done';
  return order.error !== null || order.secondsInStep > AGAIN_SECONDS ? SENDING[step] : undefined;
};
