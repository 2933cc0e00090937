import { createHash } from 'node:crypto';
import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from './ctx.js';

const bodies = new WeakMap<object, Buffer>();
/** Keeps what identifies the body of this request. */
export const rememberBody = (ctx: ComputeCtx, raw: Buffer): void => { bodies.set(ctx, createHash('sha256').update(raw).digest()); };
export const withIdempotency = (one: Endpoint<ComputeCtx>): Endpoint<ComputeCtx> => one;
