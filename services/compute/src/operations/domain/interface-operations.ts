import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { DriverError } from '../../ports/driver.js';
import { endOperations, postponeCheck } from '../store/operations.js';
import type { Failure, Operation } from '../tables.js';
import type { JobAction } from '../transitions.js';
import { enqueueRun } from './accept.js';
import { CHECK_SECONDS } from './run.js';

// Operations that take no task: changes of a machine's interfaces. A later area carries them out.

type Work = Pick<Operation, 'id' | 'instanceId' | 'steps' | 'attempts'> & { action: JobAction };
const failureOf = (err: Error): Failure => ({
  code: (err as DriverError).code.toLowerCase(),
  message: err.message.slice(0, 1000),
});
/** @param error why it failed; absent: it did not */
export const endInterface = (tx: Tx, { id, steps }: Work, error?: Error): Promise<void> => {
  const status = error ? 'failed' : 'completed';
  return endOperations(tx, [
    { id, status, steps: steps.map((one) => ({ ...one, status })), error: error ? failureOf(error) : null },
  ]);
};
/** It is tried again: after 1, 2, 4 ... 60 s. */
export const continueInterface = (ctx: ComputeCtx, work: Work, error: DriverError): Promise<void> => {
  const wait = Math.max(Math.min(60_000, 1000 * 2 ** Math.max(0, work.attempts - 1)), error.retryAfterMs ?? 0);
  const runAt = new Date(Date.now() + wait);
  return ctx.db.transaction(async (tx) => {
    await postponeCheck(tx, work.id, new Date(runAt.getTime() + CHECK_SECONDS * 1000), failureOf(error));
    await enqueueRun(tx, { operationId: work.id, instanceId: work.instanceId, action: work.action, runAt });
  });
};
