import { metering } from '@nefos/contracts';
import { keepDigits, parseJson, readRawBody, type Dialect, type FaultKind } from '@nefos/service-kit';
import type { Authenticate } from './authentication.js';
import type { MeteringCtx } from './ctx.js';
import { sendJson } from './dialect.js';

/** A thousand events, with the people of their accounts. */
const BODY_LIMIT = 8 * 1024 * 1024;
const STATUS: Record<FaultKind, number> = {
  invalid: 400,
  expectation: 417,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method: 405,
  not_acceptable: 406,
  media_type: 415,
  conflict: 409,
  precondition: 412,
  too_large: 413,
  too_many: 429,
  capacity: 503,
  upstream: 502,
  unavailable: 503,
  unsupported: 501,
  internal: 500,
};

/** How services of Nefos speak to each other: plain codes, no original to follow. Only components are let in. */
export const internalDialect = (authenticate: Authenticate): Dialect<MeteringCtx> => ({
  api: metering.meteringApi,
  order: 'authentication-first',
  authenticate: (_ctx, req) => authenticate(req),
  readBody: async (req) => parseJson(await readRawBody(req, BODY_LIMIT), keepDigits),
  send: (_req, res, { status, body }) => sendJson(res, status, body),
  fault: (_req, res, { kind, code, params }) => {
    if (params.retryAfter !== undefined) res.setHeader('Retry-After', params.retryAfter);
    if (params.allow) res.setHeader('Allow', params.allow.join(', '));
    sendJson(res, STATUS[kind], {
      error: code,
      ...(params.issues && { issues: params.issues.map(({ path, rule }) => ({ path, rule })) }),
    });
  },
});
