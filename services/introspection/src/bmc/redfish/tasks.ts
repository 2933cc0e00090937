import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, textOf } from '../../values.js';
import { BmcError } from '../domain/driver.js';
import type { Session } from './session.js';
import type { WireAnswer } from './wire.js';

const PAUSE_MS = 500;
const FAILED = new Set(['Exception', 'Killed', 'Cancelled', 'Interrupted']);

/**
 * Follows what a BMC does later: 202 with a task monitor (DSP0266, "Asynchronous operations").
 * @param within how long to look, in milliseconds; 0: once. What goes on after that is left to itself
 * @returns whether it has ended
 * @throws BmcError `refused` when the task failed
 */
export const followTask = async (
  session: Session,
  answer: WireAnswer,
  within: number,
  signal: AbortSignal,
): Promise<boolean> => {
  if (answer.status !== 202) return true;
  const path = session.follow(
    answer.header('location') ?? (isObject(answer.body) ? answer.body['@odata.id'] : undefined),
  );
  if (path === undefined) return false;
  for (const end = performance.now() + within; ;) {
    let state: string | undefined;
    try {
      const { body } = await session.read(path);
      state = textOf(body.TaskState);
      // The monitor answers with the result itself when it is there.
      if (state === undefined || state === 'Completed') return true;
    } catch (err) {
      // A monitor goes away with its task, and the last answer of some has no body.
      if (err instanceof BmcError && ['unsupported', 'refused'].includes(err.failure)) return true;
      throw err;
    }
    if (FAILED.has(state)) throw new BmcError('refused', `A task of the BMC ended as ${state}.`);
    if (performance.now() + PAUSE_MS > end) return false;
    await sleep(PAUSE_MS, undefined, { signal });
  }
};
