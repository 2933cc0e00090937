import { inOneTransaction } from '@nefos/service-kit';
import type { Claim } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';

/**
 * Several calls of the domain for one request: all of them take effect, or none. What waits for a commit (calls to
 * peers) is done after it. With an `Idempotency-Key` the request is one transaction already.
 * @param work uses the context that it is given
 */
export const inOne = async <T>(ctx: ComputeRequest, work: (ctx: ComputeRequest) => Promise<T>): Promise<T> => {
  if (ctx.claim) return work(ctx);
  const nothing = (): Promise<void> => Promise.resolve();
  let afterCommit: Claim['afterCommit'] = [];
  const result = await inOneTransaction(
    ctx.db,
    (db) => work({ ...ctx, claim: { db, afterCommit: (afterCommit = []) } }),
    { begin: nothing, end: nothing },
  );
  for (const one of afterCommit) await one();
  return result;
};
