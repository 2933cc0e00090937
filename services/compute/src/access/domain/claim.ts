import type { Db } from '@nefos/service-kit';

/**
 * A request with an `Idempotency-Key` while it is carried out: everything in its transactions commits together with the
 * claim of its key and its stored answer (see idempotency.ts).
 */
export interface Claim {
  /** Its transactions are parts of the one that claims the key. The first of them opens it. */
  readonly db: Db;
  /** What waits for the commit. */
  readonly afterCommit: (() => Promise<void> | void)[];
}

/** The database as the domain uses it: through the claim of the request's key, when the request has one. */
export const dbOf = (ctx: { readonly db: Db; readonly claim?: Claim }): Db => ctx.claim?.db ?? ctx.db;

/**
 * Does `work`, which calls a peer or notifies other processes, when what was written is committed: at once, or after
 * the transaction of the request's claim. A job has to repeat `work` when the process dies first.
 */
export const afterCommit = async (ctx: { readonly claim?: Claim }, work: () => Promise<void> | void): Promise<void> => {
  if (ctx.claim) ctx.claim.afterCommit.push(work);
  else await work();
};
