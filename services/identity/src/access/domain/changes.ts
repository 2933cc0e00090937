import type { Tx } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { notifyStale } from '../store/notifications.js';

/** What memory must forget: the tokens of an account or component, one token (hex of its hash), the catalog and the groups, everything. */
export type Stale = `account:${number}` | `component:${number}` | `token:${string}` | 'directory' | 'all';

/**
 * A transaction after which some of what processes hold in memory is wrong. All processes are told by the same commit;
 * this one forgets before the caller goes on, so a revocation is seen by the very next request.
 */
export const changing = async <T>(
  ctx: IdentityCtx,
  work: (tx: Tx, stale: (what: Stale) => void) => Promise<T>,
): Promise<T> => {
  let told = new Set<Stale>();
  const result = await ctx.db.transaction(async (tx) => {
    told = new Set();
    const done = await work(tx, (what) => {
      told.add(what);
    });
    await notifyStale(tx, [...told]);
    return done;
  });
  for (const what of told) forget(ctx, what);
  return result;
};
/** Applies what this or another process said. */
export const forget = (ctx: Pick<IdentityCtx, 'tokens' | 'directory'>, what: string): void => {
  if (what === 'directory' || what === 'all') ctx.directory.forget();
  if (what !== 'directory') ctx.tokens.forget(what);
};
