import { dropTrailing } from '@nefos/contracts';
import {
  announcesBody,
  Fault,
  lingerBeforeClose,
  mediaType,
  parseJson,
  readRawBody,
  refuseLong,
  writeJson,
  type Dialect,
} from '@nefos/service-kit';
import type { Request } from 'express';
import { rememberBody } from '../../access/api/idempotency.js';
import { callerByToken } from '../../authenticate.js';
import type { ComputeCtx } from '../../ctx.js';
import { enterScope } from '../domain/scope.js';
import type { Face } from './face.js';
import { demandPathProject } from './project-path.js';
import { messageOf, STATUS } from './statuses.js';

const BODY_LIMIT = 256 * 1024;
const sent = new WeakMap<Request, unknown>();

/** The 401 is identity's, whatever the API (contract compute §12.1). */
const UNAUTHENTICATED = {
  error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' },
};

/** How one of OpenStack's APIs speaks. Who calls, and what is refused, is the same for all four. */
export const faceDialect = (face: Face): Dialect<ComputeCtx> => ({
  api: face.api,
  order: 'authentication-first',
  head: () => true,
  allow: (contracts) => contracts.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : method.toUpperCase())),
  negotiate: (req, res, ctx) => {
    res.setHeader('X-Openstack-Request-Id', ctx.requestId);
    if (face.requestIdHeader) res.setHeader(face.requestIdHeader, ctx.requestId);
    face.negotiate?.(req, res, ctx);
  },
  authenticate: async (ctx, req, _res, contract) => {
    if (contract.access === 'public') return null;
    const found = await callerByToken(ctx, req, ctx.faceAuthenticator);
    if (!found) throw new Fault('unauthenticated', 'not_authenticated');
    ctx.principal = found.principal; // for the security log
    const { scope, caller } = await enterScope(ctx, found.caller, found.principal);
    demandPathProject(req, scope.projectId);
    ctx.scope = scope;
    ctx.caller = caller;
    return found.principal;
  },
  readBody: async (req) => {
    const type = mediaType(req);
    if (announcesBody(req) && type !== 'application/json' && !face.jsonTypes?.includes(type))
      throw new Fault('media_type', 'media_type', { type });
    const raw = await readRawBody(req, BODY_LIMIT);
    rememberBody(req, raw);
    const body = raw.length ? parseJson(raw, refuseLong) : {};
    sent.set(req, body);
    return body;
  },
  send: (req, res, { status, body, headers }) => {
    if (announcesBody(req)) lingerBeforeClose(req, res);
    if (status === 204) res.writeHead(204, headers).end();
    else if (body === undefined) res.writeHead(status, { ...headers, 'Content-Length': 0 }).end();
    else writeJson(res, status, body, headers);
  },
  fault: (req, res, fault, ctx) => {
    const status = face.statusOf?.(fault) ?? STATUS[fault.kind];
    const message = messageOf(fault, fault.code === 'query' ? req.query : sent.get(req));
    const headers = {
      ...(status === 401 && {
        'WWW-Authenticate': `Keystone uri="${dropTrailing(ctx.config.NEFOS_PUBLIC_URL, '/')}/identity"`,
      }),
      ...((status === 429 || status === 503) && { 'Retry-After': String(fault.params.retryAfter ?? 1) }),
      ...(status === 405 && { Allow: (fault.params.allow ?? []).join(', ') }),
    };
    // Half a character of the request is spelled out, so that a client can print the sentence.
    const said = { status, message: message.toWellFormed(), fault };
    writeJson(res, status, status === 401 ? UNAUTHENTICATED : face.faultBody(said), headers);
  },
});
