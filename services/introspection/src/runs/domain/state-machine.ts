import { Fault } from '@nefos/service-kit';
import type { RunEvent, RunState } from '../run-states.js';

/** `none`: the node has no record. */
type From = RunState | 'none';
/** Contract introspection §4.2, with waiting → error of §4.3: what a ramdisk reports before it is processed. */
const TRANSITIONS: Readonly<Record<From, Partial<Record<RunEvent, RunState>>>> = {
  none: { start: 'starting' },
  starting: { wait: 'waiting', timeout: 'error', error: 'error' },
  waiting: { start: 'starting', process: 'processing', abort: 'aborting', timeout: 'error', error: 'error' },
  processing: { finish: 'finished', timeout: 'error', error: 'error' },
  finished: { start: 'starting', finish: 'finished', reapply: 'reapplying' },
  error: { start: 'starting', reapply: 'reapplying', abort: 'error', error: 'error' },
  reapplying: { finish: 'finished', reapply: 'reapplying', timeout: 'error', error: 'error' },
  enrolling: { process: 'processing', timeout: 'error', error: 'error' },
  aborting: { abort_end: 'error', timeout: 'error' },
};
/** Where an event leads; undefined: it is forbidden there. */
export const nextState = (from: From, event: RunEvent): RunState | undefined => TRANSITIONS[from][event];
/** What is said of an event that is forbidden; clients know its last three words. */
export const forbiddenText = (from: From, event: RunEvent): string =>
  `Can not transition from state '${from}' on event '${event}' (no defined transition)`;
/** @throws Fault invalid run.transition */
export const demandTransition = (from: From, event: RunEvent): RunState => {
  const to = nextState(from, event);
  if (to === undefined) throw new Fault('invalid', 'run.transition', { message: forbiddenText(from, event) });
  return to;
};
