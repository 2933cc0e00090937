import { enqueue, ensureJob, type Tx } from '@nefos/service-kit';
import type { Run } from '../store/runs.js';

/** The jobs of a run, in the order of its life. `reapply` is the next area's. */
export const TASKS = {
  /** Collects what the run is recognised by, and orders the machine to boot. */
  prepare: 'runs.prepare',
  /** The power order of the start has ended. */
  powered: 'runs.powered',
  /** The data are processed: powers the machine off, or ends the run. */
  end: 'runs.end',
  /** The power order after processing has ended. */
  ended: 'runs.ended',
  abort: 'runs.abort',
  /** The power order of the abort has ended. */
  aborted: 'runs.aborted',
  reapply: 'report.reapply',
  /** Asks the BMC, in the place of a ramdisk. */
  outOfBand: 'report.out_of_band',
  /** The schedule says that a node is due. */
  scheduled: 'runs.scheduled',
} as const;
export type Task = (typeof TASKS)[keyof typeof TASKS];
type Of = Pick<Run, 'nodeUuid' | 'id'>;

/** Ids only: the run is looked at anew, and may be another's by then. */
export const payloadOf = ({ nodeUuid, id }: Of): { node: string; run: string } => ({ node: nodeUuid, run: id });
export const keyOf = (task: Task, { id }: Of): string => `${task}:${id}`;
/** Goes on with a run. @param inMs not before that has passed */
export const continueRun = (tx: Tx, task: Task, run: Of, inMs = 0): Promise<void> =>
  enqueue(tx, task, payloadOf(run), { key: keyOf(task, run), ...(inMs > 0 && { runAt: new Date(Date.now() + inMs) }) });
/** The same for one that nobody may be going on with. */
export const ensureContinued = (tx: Tx, task: Task, run: Of): Promise<void> =>
  ensureJob(tx, task, payloadOf(run), { key: keyOf(task, run) });
