import type { ComputeCtx } from '../ctx.js';
import type { Caller } from './caller.js';

export interface Session { caller: Caller; csrfMatches(sent: string): boolean }
export const sessionCaller = async (_ctx: ComputeCtx, _key: string): Promise<Session | undefined> => Promise.resolve(undefined);
