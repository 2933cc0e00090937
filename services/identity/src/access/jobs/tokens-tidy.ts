import type { IdentityCtx } from '../../ctx.js';
import { tidy } from '../domain/tidy.js';

/** The sweep over tokens and counters. */
export const tidyTokens = { name: 'tokens', everySeconds: 60, work: (ctx: IdentityCtx): Promise<object> => tidy(ctx) };
