import type { IdentityCtx } from '../../ctx.js';
import { tidy } from '../domain/tidy.js';

/** The sweep over tokens and rate limits. */
export const tidyTokens = { name: 'tokens', everySeconds: 60, work: (ctx: IdentityCtx): Promise<object> => tidy(ctx) };
