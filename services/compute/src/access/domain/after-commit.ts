import type { ComputeCtx } from '../../ctx.js';

/**
 * Does `work`, which waits for a peer or tells other processes, when what was written is committed: at once, or after the transaction that
 * a whole request is in (see idempotency.ts). It must be repeated by a job when the process dies first.
 */
export const afterCommit = async (ctx: ComputeCtx, work: () => Promise<void> | void): Promise<void> => {
  if (ctx.afterCommit) ctx.afterCommit.push(work);
  else await work();
};
