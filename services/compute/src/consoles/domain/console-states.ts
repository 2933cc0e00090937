import { POWER } from '../../operations/instance-states.js';
import type { FoundToken } from '../store/console-tokens.js';
import type { MachineState } from '../store/machine-states.js';

/** Who may look at which console, by its token. */
export type Grant = Omit<FoundToken, 'expiresAt'>;
/** Why a console may not be open: the rights are gone, the instance is, or it does not run. */
export type NotAllowed = 'credentials' | 'gone' | 'stopped';

/** Whether an instance in this state has a console (contract compute §7.2): it runs, or is paused. */
export const hasConsole = ({ taskState, powerState }: Pick<MachineState, 'taskState' | 'powerState'>): boolean =>
  taskState !== 'deleting' &&
  taskState !== 'migrating' &&
  (powerState === POWER.running || powerState === POWER.paused);
