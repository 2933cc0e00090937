import { createHash, createHmac } from 'node:crypto';
import { compute } from '@nefos/contracts';
import { Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx } from '../../ctx.js';
import { refusal } from '../../refusals.js';
import { callerOf } from '../domain/caller.js';
import { onceOnly } from '../domain/idempotency.js';

const bodies = new WeakMap<Request, Buffer>();
/** Keeps a hash of the body of this request. */
export const rememberBody = (req: Request, raw: Buffer): void => {
  bodies.set(req, createHash('sha256').update(raw).digest());
};
const VERSIONS = ['OpenStack-API-Version', 'X-OpenStack-Nova-API-Version'];
/**
 * A hash of everything that decides what a request means: method, address with its query, the client that it acts for,
 * body. It is keyed by a secret of this service: a body may hold a password, which must not be guessed from the stored
 * hash. A request without `X-Client-Id` has the hash that earlier releases stored: repeated after an upgrade, it still
 * finds its answer.
 */
const fingerprintOf = (req: Request, secret: string, project: string | undefined): Buffer => {
  // OpenStack's face acts for the token's project, and answers by the microversion.
  const client = project ?? req.get('x-client-id');
  const version =
    project &&
    VERSIONS.map((name) => req.get(name) ?? '')
      .join(' ')
      .trim();
  return createHmac('sha256', secret)
    .update(`${req.method} ${req.url}\n${client ? `${client}\n` : ''}${version ? `${version}\n` : ''}`)
    .update(bodies.get(req) ?? '')
    .digest();
};
/** An action of OpenStack's face that only asks, as for a console: its answer is secret, and is not stored. */
const onlyAsks = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.keys(body).some((name) => name.startsWith('os-get'));
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Honours `Idempotency-Key` on a POST by a known caller (contract compute T10). */
export const withIdempotency = (one: Endpoint<ComputeCtx>): Endpoint<ComputeCtx> => {
  const { contract, handle } = one;
  if (contract.method !== 'post' || contract.access === 'public' || compute.isNeverReplayed(contract.path)) return one;
  return {
    contract,
    handle: async (ctx, input) => {
      const key = input.req.headers['idempotency-key'];
      if (key === undefined || onlyAsks(input.body)) return handle(ctx, input);
      if (typeof key !== 'string' || !KEY.test(key)) throw refusal('invalid', 'idempotency.key');
      const { reply } = await onceOnly(
        ctx,
        {
          userId: callerOf(ctx).userId,
          key,
          fingerprint: fingerprintOf(input.req, ctx.config.NEFOS_COMPUTE_TOKEN, ctx.scope?.projectId),
        },
        async (claimed) => {
          const result = await handle(claimed, input);
          const answer = result instanceof Reply ? result : new Reply(result);
          return { status: answer.status ?? contract.status, body: answer.body, headers: answer.headers };
        },
      );
      return new Reply(reply.body, { status: reply.status, headers: reply.headers });
    },
  };
};
