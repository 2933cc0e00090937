import { randomUUID } from 'node:crypto';
import type http from 'node:http';
import type { BlockList } from 'node:net';
import type { Request } from 'express';
import type { Ctx, RequestCtx } from './ctx.js';

const REQUEST_ID = /^(req-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** The id that a request carries through all services: the caller's, if it looks like one, else a new one. */
export const requestIdOf = (req: http.IncomingMessage): string => {
  const sent = req.headers['x-request-id'];
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : `req-${randomUUID()}`;
};
/**
 * Makes the context of a request; later calls with the same request give the same one.
 * @param trusted whose X-Forwarded-For is believed
 */
export const requestContexts = <C extends Ctx>(ctx: C, trusted?: BlockList): ((req: Request) => RequestCtx<C>) => {
  const known = new WeakMap<object, RequestCtx<C>>();
  return (req) => {
    let found = known.get(req);
    if (!found) {
      // One spread, which is much cheaper than two: it is done for every request.
      found = { ...ctx, requestId: requestIdOf(req), principal: null, logged: { security: false } };
      if (trusted) found.proxies = trusted;
      known.set(req, found);
    }
    return found;
  };
};
