import type { IdentityCtx } from '../ctx.js';
import { sweepTokens } from '../store/tokens.js';

const BATCH = 5000;
/** Writes when tokens were last used, and removes tokens that ended a week ago, some at a time. */
export const tidy = async (ctx: IdentityCtx): Promise<{ touched: number; removed: number }> => {
  const touched = await ctx.tokens.flush();
  let removed = 0;
  for (let batch = BATCH; batch === BATCH; removed += batch) batch = await sweepTokens(ctx.db, BATCH);
  return { touched, removed };
};
