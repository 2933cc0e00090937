import { createHash, createHmac } from 'node:crypto';
import { compute } from '@nefos/contracts';
import { Fault, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx } from '../../ctx.js';
import { callerOf } from '../domain/caller.js';
import { onceOnly } from '../domain/idempotency.js';

const bodies = new WeakMap<Request, Buffer>();
/** Keeps what identifies the body of this request. */
export const rememberBody = (req: Request, raw: Buffer): void => {
  bodies.set(req, createHash('sha256').update(raw).digest());
};
/**
 * Everything that decides what a request means: method, address with its query, the client that it acts for, body. Keyed by a secret of
 * this service: a body may hold a password, which nobody shall guess from what is stored. Without the header this is what earlier
 * releases stored, so a request that is repeated after an upgrade still finds its answer.
 */
const fingerprintOf = (req: Request, secret: string): Buffer => {
  const client = req.get('x-client-id');
  return createHmac('sha256', secret)
    .update(`${req.method} ${req.url}\n${client ? `${client}\n` : ''}`)
    .update(bodies.get(req) ?? '')
    .digest();
};
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Honours `Idempotency-Key` on a POST by a known caller (contract compute T10). */
export const withIdempotency = (one: Endpoint<ComputeCtx>): Endpoint<ComputeCtx> => {
  const { contract, handle } = one;
  if (contract.method !== 'post' || contract.access === 'public' || compute.neverReplayed(contract.path)) return one;
  return {
    contract,
    handle: async (ctx, input) => {
      const key = input.req.headers['idempotency-key'];
      if (key === undefined) return handle(ctx, input);
      if (typeof key !== 'string' || !KEY.test(key))
        throw new Fault('invalid', 'validation', { detail: 'Idempotency-Key must be 1 to 255 visible characters.' });
      const { reply } = await onceOnly(
        ctx,
        { userId: callerOf(ctx).userId, key, fingerprint: fingerprintOf(input.req, ctx.config.NEFOS_COMPUTE_TOKEN) },
        async (joint) => {
          const result = await handle(joint, input);
          const said = result instanceof Reply ? result : new Reply(result);
          return { status: said.status ?? contract.status, body: said.body, headers: said.headers };
        },
      );
      return new Reply(reply.body, { status: reply.status, headers: reply.headers });
    },
  };
};
