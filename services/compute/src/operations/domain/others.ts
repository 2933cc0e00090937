import { enqueue, TURN_MS, type Queryable, type Tx } from '@nefos/service-kit';
import { beginOtherAttempt, beginOtherSlice, type OtherWork } from '../store/other-work.js';
import * as store from '../store/operations.js';
import type { ComputeCtx } from '../../ctx.js';
import type { Failure, Operation, OperationObject, Step } from '../tables.js';
import { jobKey, WAITED, type Actor } from './accept.js';
import { CHECK_SECONDS, UNENDED } from './run.js';

// Operations on things that are no instances: later areas accept them and carry them out by jobs of their own.

export type { OtherWork };
/** How far an operation is. */
export type Progress = Pick<OtherWork, 'id' | 'steps' | 'attempts' | 'called'>;
export const MAX_ATTEMPTS = 10;
/** An operation to be accepted. */
export interface Other {
  id: string;
  object: { type: OperationObject; id: string };
  /** The instance that takes part: the operation is in its history. */
  instanceId: string | null;
  clientId: number;
  /** As clients see it: `volume.extend`. */
  type: string;
  previousState: string;
  params: object;
  steps: readonly string[];
  by: Actor;
  requestId: string | null;
  deadlineSeconds: number;
}
/** The job that carries an operation on. */
export interface OtherJob {
  task: string;
  operationId: string;
  /** Jobs with the same turn run one after the other. */
  turn: string;
}
export const jobOf = ({ task, operationId, turn }: OtherJob) =>
  [task, { operation: operationId, turn }, { key: jobKey(operationId) }] as const;
const FIRST_CHECK_SECONDS = 10;
/** Writes an operation and its first job, in the transaction that changes what it is on. */
export const recordOther = async (tx: Tx, one: Other, job: Omit<OtherJob, 'operationId'>): Promise<void> => {
  await store.insertOperation(tx, {
    ...one,
    action: one.type as Operation['action'],
    instanceId: one.instanceId as string,
    previousState: one.previousState as Operation['previousState'],
    steps: one.steps.map((name) => ({ name, status: 'pending' })),
    checkSeconds: FIRST_CHECK_SECONDS,
  });
  await enqueue(tx, ...jobOf({ ...job, operationId: one.id }));
};
/** Begins one slice of work; undefined: it has ended. */
export const beginOther = (q: Queryable, id: string): Promise<OtherWork | undefined> =>
  beginOtherSlice(q, id, CHECK_SECONDS);
/** The driver is going to be called. @returns false: another process has begun an attempt meanwhile */
export const attemptOther = async (q: Queryable, work: Progress): Promise<boolean> => {
  work.steps = work.steps.map((one, i, all) => ({ ...one, status: i < all.length - 1 ? 'completed' : 'running' }));
  if (!(await beginOtherAttempt(q, work))) return false;
  work.attempts += 1;
  return true;
};
export const calledOther = async (q: Queryable, work: Progress): Promise<void> => {
  await store.markCalled(q, [work.id]);
  work.called = true;
};
/** Enqueues the next job. @param error why it is tried again */
export const continueOther = async (
  tx: Tx,
  work: Progress,
  { job, ms, error }: { job: Omit<OtherJob, 'operationId'>; ms: number; error: Failure | null },
): Promise<void> => {
  // The queue compares it with the database's clock.
  const runAt = new Date(Date.now() + ms);
  await store.postponeCheck(tx, work.id, new Date(runAt.getTime() + CHECK_SECONDS * 1000), error);
  const [task, payload, options] = jobOf({ ...job, operationId: work.id });
  await enqueue(tx, task, payload, { ...options, runAt });
};
export const endOther = (tx: Tx, work: Progress, error: Failure | null): Promise<void> => {
  const status: Step['status'] = error ? 'failed' : 'completed';
  const steps = work.steps.map((one) => (one.status === 'completed' ? one : { ...one, status }));
  return store.endOperations(tx, [{ id: work.id, status: error ? 'failed' : 'completed', steps, error }]);
};
/** Operations on other things whose check is due. */
export const claimOthers = (q: Queryable, limit: number) =>
  store.claimDueChecks(q, limit, CHECK_SECONDS, { instances: false });
/** Another job has the turn: the operation, if it has not ended, gets a job that runs in a moment. */
export const runOtherSoon = async (ctx: ComputeCtx, { operationId, ...job }: OtherJob): Promise<void> => {
  const one = await store.findOperation(ctx.db, operationId);
  if (!one || !UNENDED.includes(one.status)) return;
  const [task, payload, options] = jobOf({ ...job, operationId });
  const runAt = new Date(Date.now() + TURN_MS);
  await ctx.db.transaction((tx) => enqueue(tx, task, payload, { ...options, runAt, priority: WAITED }));
};
