import type { Tx } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { notifyInvalidated } from '../store/notifications.js';

/**
 * What leaves the caches: tokens of an account or component, one token (hex of its hash), catalog and groups, or
 * everything.
 */
export type CacheKey = `account:${number}` | `component:${number}` | `token:${string}` | 'directory' | 'all';
export type Invalidate = (key: CacheKey) => void;

/**
 * A transaction that puts cache entries out of date; `work` names them by `invalidate`. Other processes are notified by
 * the commit. This process drops them before the caller goes on, so the very next request sees a revocation.
 */
export const transactionWithInvalidation = async <T>(
  ctx: IdentityCtx,
  work: (tx: Tx, invalidate: Invalidate) => Promise<T>,
): Promise<T> => {
  let keys = new Set<CacheKey>();
  const result = await ctx.db.transaction(async (tx) => {
    keys = new Set(); // the transaction may run again
    const done = await work(tx, (key) => {
      keys.add(key);
    });
    await notifyInvalidated(tx, [...keys]);
    return done;
  });
  for (const key of keys) dropFromCaches(ctx, key);
  return result;
};
/** Drops the entries that this or another process named. */
export const dropFromCaches = (ctx: Pick<IdentityCtx, 'tokens' | 'directory'>, key: string): void => {
  if (key === 'directory' || key === 'all') ctx.directory.forget();
  if (key !== 'directory') ctx.tokens.forget(key);
};
