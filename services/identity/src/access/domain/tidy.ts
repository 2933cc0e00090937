import type { IdentityCtx } from '../../ctx.js';
import { sweepLimits } from '../store/limits.js';
import { sweepTokens } from '../store/tokens.js';

const BATCH = 5000;
/**
 * Writes when tokens were last used; deletes, in batches, tokens that ended a week ago, and counters whose window is
 * over.
 */
export const tidy = async (ctx: IdentityCtx): Promise<{ touched: number; removed: number; counters: number }> => {
  const touched = await ctx.tokens.flush();
  let removed = 0;
  for (let batch = BATCH; batch === BATCH; removed += batch) batch = await sweepTokens(ctx.db, BATCH);
  return { touched, removed, counters: await sweepLimits(ctx.db) };
};
