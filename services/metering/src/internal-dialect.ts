import { metering } from '@nefos/contracts';
import { keepDigits, parseJson, readRawBody, STATUS_OF_KIND, type Dialect } from '@nefos/service-kit';
import type { Authenticate } from './authentication.js';
import type { MeteringCtx } from './ctx.js';
import { sendJson } from './dialect.js';

/** A thousand events, with the people of their accounts. */
const BODY_LIMIT = 8 * 1024 * 1024;

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
    sendJson(res, STATUS_OF_KIND[kind], {
      error: code,
      ...(params.issues && { issues: params.issues.map(({ path, rule }) => ({ path, rule })) }),
    });
  },
});
