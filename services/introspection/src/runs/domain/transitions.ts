import { conflict, publish, type Tx } from '@nefos/service-kit';
import type { IntrospectionConfig } from '../../config.js';
import { noteInspected, noteInspecting, noteInspectWait } from '../../nodes/domain/inspection.js';
import type { RunEvent, RunState } from '../run-states.js';
import { keepRun } from '../store/history.js';
import * as store from '../store/runs.js';
import type { LockMode, Run } from '../store/runs.js';
import { demandTransition } from './state-machine.js';
import { storable } from './storable.js';

export type { LockMode, Run };
export { demandTransition, forbiddenText, nextState } from './state-machine.js';
export { findRun } from '../store/runs.js';

/** What is said where the node is busy and nobody waits for it. */
export const nodeLocked = (nodeUuid: string): Error =>
  conflict('node.locked', { message: `Node ${nodeUuid} is locked, please try again later` });
/**
 * The run of a node, locked until the transaction ends: nobody else moves it. In such a transaction nothing waits for a
 * BMC.
 * @param mode when another has it: `wait`; `now`: a refusal; `skip`: undefined
 * @throws Fault conflict node.locked
 */
export const lockRun = async (tx: Tx, nodeUuid: string, mode: LockMode = 'wait'): Promise<Run | undefined> => {
  try {
    return await store.lockRun(tx, nodeUuid, mode);
  } catch (err) {
    if (err instanceof store.RowLocked) throw nodeLocked(nodeUuid);
    throw err;
  }
};
/** The same if the row still is this run: a job that comes late finds another or none. */
export const lockThisRun = async (tx: Tx, nodeUuid: string, id: string): Promise<Run | undefined> => {
  const run = await store.lockRun(tx, nodeUuid, 'wait');
  return run?.id === id ? run : undefined;
};

/**
 * Something happened in the run, for whoever looks for the reason of a failure (contract introspection §12.2).
 * @param phase a few words, such as `callback seen`
 * @param note a sentence without secrets
 */
export const notePhase = (tx: Tx, nodeUuid: string, phase: string, note?: string): Promise<void> =>
  store.appendPhase(tx, nodeUuid, phase, note === undefined ? undefined : storable(note, 500));
/** What an operator should look at though the run goes on. */
export const noteWarning = (tx: Tx, nodeUuid: string, warning: string): Promise<void> =>
  store.appendWarning(tx, nodeUuid, storable(warning, 500));

/**
 * Moves a locked run on to a state that is none of its ends; for those see `finishRun`.
 * @throws Fault invalid run.transition
 */
export const transition = async (tx: Tx, run: Run, event: RunEvent): Promise<Run> => {
  const state = demandTransition(run.state, event);
  const stateAt = await store.writeState(tx, run.nodeUuid, state);
  await store.appendPhase(tx, run.nodeUuid, state);
  if (state === 'waiting') await noteInspectWait(tx, run.nodeUuid, run.startedAt);
  if (state === 'processing') await noteInspecting(tx, run.nodeUuid);
  return { ...run, state, stateAt, orderId: null };
};
export interface End {
  state: Extract<RunState, 'finished' | 'error'>;
  /** Why not; null: it went well. */
  error: string | null;
}
const ERROR_CHARACTERS = 20_000;
/**
 * Ends a locked run: the time, the reason, no attributes any more; the node's state in the registry when its verb began
 * the run; a row of history; `node.introspected` when it went well. Once per run: of a run that has ended nothing
 * changes. Whether the state machine allows it the caller has asked (`demandTransition`).
 */
export const finishRun = async (
  { config }: { config: IntrospectionConfig },
  tx: Tx,
  run: Run,
  { state, error }: End,
): Promise<Run> => {
  if ((run.state === 'finished' || run.state === 'error') && state === run.state && run.finishedAt !== null) return run;
  const reason = error === null ? null : storable(error, ERROR_CHARACTERS);
  await store.appendPhase(tx, run.nodeUuid, state, reason === null ? undefined : storable(reason, 500));
  const ended = await store.writeEnd(tx, run.nodeUuid, { state, error: reason });
  if (!ended?.finishedAt) throw new Error(`the run of ${run.nodeUuid} is gone`);
  const { startedAt, finishedAt } = ended;
  await noteInspected(tx, run.nodeUuid, { error: reason, startedAt, finishedAt });
  await keepRun(tx, run.nodeUuid, config.NEFOS_INTROSPECTION_HISTORY);
  if (state === 'finished')
    await publish(tx, run.nodeUuid, (id) => ({
      id,
      type: 'node.introspected',
      occurred_at: finishedAt,
      node: { uuid: run.nodeUuid },
      run: { id: run.id, cause: run.cause, started_at: startedAt, finished_at: finishedAt },
    }));
  return ended;
};
