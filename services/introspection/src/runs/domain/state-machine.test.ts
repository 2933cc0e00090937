import { RUN_STATES, type RunEvent, type RunState } from '../run-states.js';
import { demandTransition, forbiddenText, nextState } from './state-machine.js';

const EVENTS: RunEvent[] = ['start', 'wait', 'process', 'finish', 'reapply', 'abort', 'abort_end', 'timeout', 'error'];
/** The table of contract introspection §4.2 as it is printed, `-` for forbidden, with the fix of §4.3. */
const PRINTED: Record<RunState | 'none', string> = {
  none: 'starting - - - - - - - -',
  starting: '- waiting - - - - - error error',
  waiting: 'starting - processing - - aborting - error error',
  processing: '- - - finished - - - error error',
  finished: 'starting - - finished reapplying - - - -',
  error: 'starting - - - reapplying error - - error',
  reapplying: '- - - finished reapplying - - error error',
  enrolling: '- - processing - - - - error error',
  aborting: '- - - - - - error error -',
};

it.each([...RUN_STATES, 'none' as const])('from %s every event leads where the contract says', (from) => {
  expect(EVENTS.map((event) => nextState(from, event) ?? '-').join(' ')).toBe(PRINTED[from]);
});
it('what is forbidden is said in the words that clients know', () => {
  expect(forbiddenText('starting', 'start')).toBe(
    "Can not transition from state 'starting' on event 'start' (no defined transition)",
  );
  expect(() => demandTransition('finished', 'process')).toThrow('invalid: run.transition');
  expect(demandTransition('waiting', 'process')).toBe('processing');
});
