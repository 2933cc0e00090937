import { randomUUID } from 'node:crypto';
import { metering, type Contract } from '@nefos/contracts';
import {
  announcesBody,
  demandWriting,
  DRF_DETAIL,
  drfErrors,
  Fault,
  keepDigits,
  forbidden,
  mediaType,
  parseJson,
  parseMultipart,
  parseUrlencoded,
  readRawBody,
  writeJson,
  type Dialect,
  type FaultKind,
  type FaultParams,
} from '@nefos/service-kit';
import type { Request, Response } from 'express';
import type { Authenticate } from './authentication.js';
import type { MeteringCtx } from './ctx.js';
import { ARN_MISSING, HEADER_INVALID, NAME_TAKEN, SUPERUSER_ONLY, TOKEN_UNKNOWN } from './access/errors.js';
import { DETAILS, withSentences } from './words.js';

const BODY_LIMIT = 256 * 1024;
const FORMS = new Set(['application/x-www-form-urlencoded', 'multipart/form-data']);
const ACCEPTABLE = new Set(['*/*', 'application/*', 'application/json', 'text/*', 'text/html']);
const ORDER = ['get', 'post', 'put', 'patch', 'delete'];

/** A form says "no" to a checkbox by leaving it out (contract metering §7). */
export const isForm = (req: Request): boolean => FORMS.has(mediaType(req));
export const allowOf = (contracts: readonly Contract[]): string[] => {
  const methods = ORDER.filter((m) => contracts.some((c) => c.method === m)).map((m) => m.toUpperCase());
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
};

/** Headers of every answer of the API, redirects and unknown paths included. */
export const setCommonHeaders = (res: Response): void => {
  res.setHeader('Vary', 'Accept');
  res.setHeader('X-CLOUDIGRADE-REQUEST-ID', randomUUID());
  res.setHeader('X-Frame-Options', 'SAMEORIGIN');
};
export const sendJson = (res: Response, status: number, body: unknown): void => {
  if (status === 204) {
    res.writeHead(204).end();
    return;
  }
  if (body === undefined) res.writeHead(status, { 'Content-Length': 0 }).end();
  else writeJson(res, status, body);
};
/** Writes a 200 whose body is made while it is sent, no faster than the client takes it. */
export const sendParts = async (
  req: Request,
  res: Response,
  { length, parts }: { length: number; parts: Iterable<Buffer> },
): Promise<void> => {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': length });
  if (req.method !== 'HEAD')
    for (const part of parts) {
      if (res.destroyed) return;
      if (!res.write(part))
        await new Promise<void>((go) => {
          const on = (): void => {
            res.off('drain', on);
            res.off('close', on);
            go();
          };
          res.on('drain', on);
          res.on('close', on);
        });
    }
  res.end();
};

const accepts = (header: string | undefined): boolean =>
  !header?.trim() || header.split(',').some((one) => ACCEPTABLE.has(one.split(';')[0]?.trim().toLowerCase() ?? ''));
const formatOf = (req: Request): unknown => [req.query.format ?? []].flat().at(-1);

/** Kind and code to status and body (contract metering §3). An undefined body is an empty one. */
const answers: Record<FaultKind, (params: FaultParams, code: string) => [number, unknown]> = {
  invalid: (params, code) => {
    if (code === 'params') return [404, { detail: DRF_DETAIL.notFound }];
    if (code === NAME_TAKEN)
      return [
        400,
        {
          non_field_errors: [
            `Account with name '${String(params.name)}' for account number '${String(params.number)}' already exists`,
          ],
        },
      ];
    if (code === ARN_MISSING) return [400, { account_arn: 'This field is required.' }]; // a bare string, as observed
    if (code.startsWith('body.'))
      return [
        400,
        {
          detail:
            code === 'body.multipart'
              ? `Multipart form parse error - ${String(params.reason)}`
              : DRF_DETAIL.parse(typeof params.reason === 'string' ? params.reason : 'the text is not UTF-8'),
        },
      ];
    return [400, typeof params.detail === 'string' ? { detail: params.detail } : drfErrors(withSentences(params))];
  },
  expectation: (params) => [417, { detail: params.detail ?? 'The expectation can not be met.' }],
  unauthenticated: (params, code) => [
    403,
    {
      detail:
        code === HEADER_INVALID
          ? `Invalid 3scale header: ${String(params.reason)}`
          : code === TOKEN_UNKNOWN
            ? 'Incorrect authentication credentials.'
            : DRF_DETAIL.unauthenticated,
    },
  ],
  forbidden: (_params, code) => [
    403,
    code === SUPERUSER_ONLY ? undefined : { detail: DETAILS[code] ?? DRF_DETAIL.forbidden },
  ],
  not_found: () => [404, { detail: DRF_DETAIL.notFound }],
  method: (params) => [405, { detail: DRF_DETAIL.method(String(params.method)) }],
  not_acceptable: () => [406, { detail: DRF_DETAIL.notAcceptable }],
  media_type: (params) => [415, { detail: DRF_DETAIL.mediaType(String(params.type)) }],
  too_large: (params) => [413, { detail: `Request body exceeds ${String(params.limit)} bytes.` }],
  conflict: (_params, code) => [409, { detail: DETAILS[code] ?? 'The request conflicts with another one.' }],
  precondition: () => [412, { detail: 'A condition of the request does not hold.' }],
  too_many: ({ retryAfter }) => [429, { detail: DRF_DETAIL.throttled(retryAfter ?? 1) }],
  capacity: () => [503, { detail: 'Out of capacity; try again later.' }],
  upstream: () => [502, { detail: 'A service that is needed for this failed.' }],
  unavailable: () => [503, { detail: 'Temporarily unavailable; try again in a moment.' }],
  unsupported: (_params, code) => [501, { detail: DETAILS[code] ?? 'Not implemented.' }],
  internal: () => [500, { detail: DRF_DETAIL.internal }],
};
export const writeFault = (_req: Request, res: Response, { kind, code, params }: Fault): void => {
  const [status, body] = answers[kind](params, code);
  if (params.retryAfter !== undefined) res.setHeader('Retry-After', params.retryAfter);
  sendJson(res, status, body);
};

/**
 * The dialect of cloudigrade. Refusals come in the order: format, credentials, method, body, values (contract
 * metering §1).
 * @param allow of each path, in the documented order
 * @param options answers OPTIONS
 */
export const cloudigrade = ({
  allow,
  options,
  authenticate,
}: {
  allow: ReadonlyMap<string, string>;
  options: NonNullable<Dialect<MeteringCtx>['options']>;
  authenticate: Authenticate;
}): Dialect<MeteringCtx> => ({
  api: metering.meteringApi,
  order: 'authentication-first',
  allow: allowOf,
  head: () => true,
  options,
  negotiate: (req, res, ctx) => {
    const route = (req.route as { path?: string } | undefined)?.path;
    if (route !== undefined) res.setHeader('Allow', allow.get(route) ?? '');
    // Without `request_id`: the lines that have it name it, and a key twice in a line is no good JSON.
    ctx.log = ctx.log.child({
      cloudigrade_request_id: res.getHeader('X-CLOUDIGRADE-REQUEST-ID'),
      insights_request_id: req.headers['x-rh-insights-request-id'],
    });
    const format = formatOf(req);
    if (format && format !== 'json' && format !== 'api') throw new Fault('not_found', 'format');
    if (!accepts(req.headers.accept)) throw new Fault('not_acceptable', 'accept');
  },
  authenticate: async (ctx, req, _res, contract) => {
    const principal = await authenticate(req);
    // A component is no user of this API; it must not become one by asking.
    if (principal.kind === 'component') {
      ctx.principal = principal; // so that the log knows who
      throw forbidden('component.not_trusted');
    }
    // Nor is anybody made a user by a request that is refused. For a wrong method, `contract` is one of another method.
    if (contract.method === req.method.toLowerCase()) demandWriting(contract, principal);
    ctx.user = await ctx.users.of(principal);
    return principal;
  },
  readBody: async (req) => {
    const type = mediaType(req);
    if (!announcesBody(req)) return {};
    if (type !== 'application/json' && !FORMS.has(type))
      throw new Fault('media_type', 'media_type', { type: req.headers['content-type'] ?? '' });
    const raw = await readRawBody(req, BODY_LIMIT);
    return type === 'application/json'
      ? parseJson(raw, keepDigits)
      : type === 'multipart/form-data'
        ? parseMultipart(raw, req.headers['content-type'] ?? '')
        : parseUrlencoded(raw);
  },
  send: (_req, res, { status, body, headers }) => {
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    sendJson(res, status, body);
  },
  fault: writeFault,
});
