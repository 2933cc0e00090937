import { LEFT_OUT, perDatabase, together, type Db, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { choosesAddresses } from '../../networking/domain/capabilities.js';
import { adoptPorts, recordMachineAddresses } from '../../networking/domain/machine-ports.js';
import type { InstanceView, SnapshotView } from '../../ports/driver.js';
import { endTask, endTasks, isResized, type TaskEnd } from '../store/instance-state.js';
import type { OperationWork } from '../store/operation-work.js';
import { cancelOperations, endOperations } from '../store/operations.js';
import type { Failure, Step } from '../tables.js';
import { POWER, stateOf, type PowerState, type VmState } from '../instance-states.js';
import { TRANSITIONS } from '../transitions.js';
import { applyFailure, applySuccess, hasEffects } from './effects.js';
import { settleHold } from './holds.js';
import { publishMeteredFact, publishMeteredFacts } from './metered-facts.js';

type OperationToEnd = Pick<
  OperationWork,
  | 'id'
  | 'instanceId'
  | 'region'
  | 'action'
  | 'previousState'
  | 'steps'
  | 'params'
  | 'target'
  | 'imageId'
  | 'called'
  | 'volumes'
>;
const endSteps = (steps: readonly Step[], status: Step['status']): Step[] =>
  steps.map((one) => (one.status === 'completed' ? one : { ...one, status }));

/** Actions that say nothing of the machine's health. */
const FAULT_STAYS: ReadonlySet<string> = new Set(['snapshot', 'backup', 'abortMigrate']);
/** After them a machine may have addresses that the driver chose. */
const TAKES_ADDRESSES: ReadonlySet<string> = new Set(['create', 'start', 'rebuild', 'unshelve']);
/** Ports get the addresses that the driver chose, where the portal does not choose them. */
const takeAddresses = async (
  ctx: ComputeCtx,
  tx: Tx,
  { instanceId, region }: OperationToEnd,
  { addresses }: InstanceView,
): Promise<void> => {
  if (addresses.length && !choosesAddresses(ctx, region)) await recordMachineAddresses(tx, instanceId, addresses);
};
/** State and power state after the success of the action. */
const successOf = (
  { action, previousState }: OperationToEnd,
  view: InstanceView | null,
): { vmState: VmState; powerState: PowerState | null } => {
  if (action === 'import' && view) {
    const taken = stateOf(view.powerState);
    // Nova has suspended guests as off.
    return { vmState: taken, powerState: taken === 'suspended' ? POWER.shutdown : view.powerState };
  }
  const { vmState, powerState } = TRANSITIONS[action].success;
  const runs = view?.powerState === POWER.running;
  return {
    vmState: vmState === 'previous' ? previousState : vmState === 'by_power' ? (runs ? 'active' : 'stopped') : vmState,
    powerState: powerState === 'seen' ? (view?.powerState ?? null) : powerState,
  };
};
/** State after the failure of the action. @param view as in `failOperation` */
const failureOf = (work: OperationToEnd, view: InstanceView | null | undefined): VmState => {
  const { failure } = TRANSITIONS[work.action];
  // It still waits to be confirmed or reverted: in `error` neither would be possible any more.
  if (work.previousState === 'resized' && view?.mode === 'resized') return 'resized';
  if (view === null && work.action !== 'create') return 'error';
  if (failure !== 'previous' && failure !== 'unchanged') return failure;
  if (work.previousState === 'building') return 'error';
  return failure === 'previous' || isUnchanged(work, view) ? work.previousState : 'error';
};
/** Whether the machine is as it was before the action; one that can not be seen is if the driver was not called. */
const isUnchanged = ({ previousState, called }: OperationToEnd, view: InstanceView | null | undefined): boolean =>
  view
    ? view.taskHint === undefined &&
      view.mode === undefined &&
      (view.powerState === POWER.running) === (previousState === 'active')
    : !called;

/** An operation whose machine is as wanted. */
interface Completion {
  ctx: ComputeCtx;
  work: OperationToEnd;
  view: InstanceView | null;
  /** The image that a snapshot has made. */
  image: SnapshotView | null;
}
const endOf = ({ work, view }: Completion): TaskEnd => ({
  instanceId: work.instanceId,
  operationId: work.id,
  ...successOf(work, view),
  swapFlavor: work.action === 'resize' || work.action === 'revertResize',
  noHost: work.action === 'shelve',
  ...(FAULT_STAYS.has(work.action) ? {} : { fault: null }),
  backendId: view?.ref.backendId ?? null,
  host: view?.host ?? null,
  ...(view?.addresses.length && { addresses: view.addresses }),
});
/** @returns the ids of the operations that have ended by it */
const completeAll = (db: Db, completions: readonly Completion[]): Promise<Set<string>> =>
  db.transaction(async (tx) => {
    const states = new Map((await endTasks(tx, completions.map(endOf))).map((one) => [one.id, one]));
    const ended = completions
      .flatMap((one) => {
        const state = states.get(one.work.instanceId);
        return state?.operationId === one.work.id ? [{ ...one, state, changed: false }] : [];
      })
      .sort((a, b) => (a.state.id < b.state.id ? -1 : 1));
    const ids = new Set(ended.map(({ work }) => work.id));
    if (!ended.length) return ids;
    for (const one of ended) {
      one.changed = await applySuccess(one.ctx, tx, one.work, one.image);
      if (one.work.action === 'import' && one.view) await adoptPorts(tx, one.work.instanceId, one.view.addresses);
      if (TAKES_ADDRESSES.has(one.work.action) && one.view) await takeAddresses(one.ctx, tx, one.work, one.view);
    }
    await endOperations(
      tx,
      ended.map(({ work }) => ({
        id: work.id,
        status: 'completed',
        steps: endSteps(work.steps, 'completed'),
        error: null,
      })),
    );
    await publishMeteredFacts(
      tx,
      ended.map(({ state, changed }) => ({ ...state, changed })),
    );
    for (const { state } of ended) if (state.held || state.wasRunning) await settleHold(tx, state.id);
    return ids;
  });
const completeSoon = perDatabase((db) =>
  together(
    async (completions: readonly Completion[]) => {
      const ended = await completeAll(db, completions);
      // One that has not ended was superseded, or its row is locked: it is asked for alone.
      return completions.map(({ work }) => (completions.length === 1 || ended.has(work.id) ? undefined : LEFT_OUT));
    },
    { atOnce: 2 },
  ),
);
/**
 * The hypervisor has reached the wanted state: instance, operation and event change together. A superseded operation
 * changes nothing. Operations that end at the same time share a transaction.
 * @param image the image that a snapshot has made
 */
export const completeOperation = async (
  ctx: ComputeCtx,
  work: OperationToEnd,
  view: InstanceView | null,
  image: SnapshotView | null = null,
): Promise<void> => {
  if (hasEffects(work.action)) await completeAll(ctx.db, [{ ctx, work, view, image }]);
  else await completeSoon(ctx.db)({ ctx, work, view, image });
};

/**
 * Ends a failed operation: the instance goes back to its previous state, or into `error` with the fault (contract
 * compute §7.2).
 * @param view the machine as it is; null: there is none; undefined: not known
 */
export const failOperation = (
  ctx: ComputeCtx,
  work: OperationToEnd,
  error: Failure,
  view: InstanceView | null | undefined,
): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const vmState = failureOf(work, view);
    const ended = await endTask(tx, work.instanceId, work.id, {
      vmState,
      powerState: view === undefined ? null : (view?.powerState ?? 0),
      host: view?.host ?? null,
      ...(vmState === 'error' && { fault: error }),
    });
    if (!ended) return;
    await applyFailure(ctx, tx, work);
    await endOperations(tx, [{ id: work.id, status: 'failed', steps: endSteps(work.steps, 'failed'), error }]);
    await publishMeteredFact(tx, work.instanceId);
    await settleHold(tx, work.instanceId, false);
  });

/** Sets the state of an instance at once and cancels its operation. @returns whether the instance exists */
export const overrideState = async (tx: Tx, instanceId: string, vmState: 'active' | 'error'): Promise<boolean> => {
  await cancelOperations(tx, instanceId);
  const fault = vmState === 'active' ? { fault: null } : {};
  // A machine that waits for its resize to be confirmed goes on waiting, and its two sizes stay reserved: the one state
  // in which it works is `resized`, and it comes back to that from `error`, too.
  const keepsOther = await isResized(tx, instanceId);
  const state = vmState === 'active' && keepsOther ? 'resized' : vmState;
  if (!(await endTask(tx, instanceId, null, { vmState: state, powerState: null, keepsOther, ...fault }))) return false;
  await publishMeteredFact(tx, instanceId);
  await settleHold(tx, instanceId);
  return true;
};
