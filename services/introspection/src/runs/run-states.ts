import { introspection } from '@nefos/contracts';

/** Contract introspection §4.1. */
export const RUN_STATES = introspection.runState.options;
export type RunState = (typeof RUN_STATES)[number];
/** Contract introspection §4.2. */
export type RunEvent =
  'start' | 'wait' | 'process' | 'finish' | 'reapply' | 'abort' | 'abort_end' | 'timeout' | 'error';
/** In these somebody works on the run; the others wait for somebody. */
export const BUSY_STATES: readonly RunState[] = ['starting', 'processing', 'reapplying', 'enrolling', 'aborting'];

/** Why a run began: a request of the inspector API, the registry's verb, the schedule, a machine that was unknown. */
export type RunCause = 'request' | 'inspect' | 'schedule' | 'discovery' | 'reapply';
export type AttributeKind = 'mac' | 'bmc_address';

/** Something that happened in a run, for whoever looks for the reason of a failure. */
export interface Phase {
  /** As PostgreSQL writes an instant, UTC. */
  at: string;
  phase: string;
  note?: string;
}
