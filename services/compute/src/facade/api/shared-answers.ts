import { sharing } from '@nefos/service-kit';
import type { Request } from 'express';
import { callerOf } from '../../access/domain/caller.js';
import type { ComputeRequest } from '../../ctx.js';
import { scopeOf } from '../domain/scope.js';

/** Answers that several requests may get, with their bytes once one of them was written. */
const bytes = new WeakMap<object, Buffer | undefined>();
const share = sharing<object>();

/**
 * The answer to a question that changes nothing: equal ones that one user asks at the same time are answered together,
 * read and rendered once. The caller's rights were judged for each request by itself before.
 * @param work must depend on nothing but the caller, the scope, the microversion and the address
 */
export const sharedAnswer = (ctx: ComputeRequest, req: Request, work: () => Promise<object>): Promise<object> => {
  const { projectId, clientId, admin } = scopeOf(ctx);
  const key = [callerOf(ctx).userId, projectId, clientId, admin, ctx.microversion, req.url].join(' ');
  return share(key, async () => {
    const body = await work();
    bytes.set(body, undefined);
    return body;
  });
};
/** The body as it is written: a shared one is made to JSON only once. */
export const written = (body: unknown): unknown => {
  if (typeof body !== 'object' || body === null || !bytes.has(body)) return body;
  const made = bytes.get(body) ?? Buffer.from(JSON.stringify(body));
  bytes.set(body, made);
  return made;
};
