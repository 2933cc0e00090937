import { compute } from '@nefos/contracts';
import {
  announcesBody,
  DRF_DETAIL,
  drfErrors,
  Fault,
  keepDigits,
  lingerBeforeClose,
  mediaType,
  parseJson,
  readRawBody,
  writeJson,
  type Dialect,
  type Issue,
} from '@nefos/service-kit';
import type { Response } from 'express';
import { authenticate } from './authenticate.js';
import type { ComputeCtx } from './ctx.js';
import { sentenceOf, wordingOf } from './refusals.js';
import { rememberBody } from './access/api/idempotency.js';

const BODY_LIMIT = 256 * 1024;

/** Sentences of contract compute §2 about credentials. */
const CREDENTIALS: Record<string, string> = {
  not_authenticated: DRF_DETAIL.unauthenticated,
  'token.empty': 'Invalid token header. No credentials provided.',
  'token.spaces': 'Invalid token header. Token string should not contain spaces.',
  'token.characters': 'Invalid token header. Token string should not contain invalid characters.',
  invalid_token: 'Invalid token.',
  user_inactive: 'User inactive or deleted.',
};
/** Values of X-Error-Code (contract compute §1.3). A fault whose code is none of them has the value of its kind. */
const CODES = new Set([
  'not_authenticated',
  'invalid_token',
  'permission_denied',
  'csrf_failed',
  'not_found',
  'validation',
  'parse_error',
  'method_not_allowed',
  'throttled',
  'invalid_state',
  'locked',
  'busy',
  'quota_exceeded',
  'out_of_stock',
  'insufficient_credit',
  'client_suspended',
  'no_capacity',
  'unsupported',
  'driver_unavailable',
  'driver_timeout',
  'idempotency_mismatch',
  'delete_protected',
  'internal',
]);

interface Answer {
  status: number;
  code: string;
  body: unknown;
  headers?: Record<string, string>;
}
const detail = (text: string) => ({ detail: text });

/** A fault as this system answers it: the one place where a kind becomes a status and a code becomes a sentence. */
const answerTo = (fault: Fault, method: string): Answer => {
  const { kind, code, params } = fault;
  const wording = wordingOf(code);
  const sentence = wording
    ? sentenceOf(wording, params)
    : typeof params.detail === 'string'
      ? params.detail
      : undefined;
  const known = (fallback: string): string => wording?.code ?? (CODES.has(code) ? code : fallback);
  const later = { 'Retry-After': String(params.retryAfter ?? 1) };
  switch (kind) {
    case 'unauthenticated':
      return {
        status: 401,
        code: code === 'not_authenticated' ? code : 'invalid_token',
        body: detail(CREDENTIALS[code] ?? DRF_DETAIL.unauthenticated),
        headers: { 'WWW-Authenticate': 'Token' },
      };
    case 'forbidden':
      return { status: 403, code: known('permission_denied'), body: detail(sentence ?? DRF_DETAIL.forbidden) };
    case 'not_found':
      return { status: 404, code: 'not_found', body: detail(sentence ?? DRF_DETAIL.notFound) };
    case 'method':
      return {
        status: 405,
        code: 'method_not_allowed',
        body: detail(DRF_DETAIL.method(method)),
        headers: { Allow: (params.allow ?? []).join(', ') },
      };
    case 'conflict':
      return {
        status: 409,
        code: known('invalid_state'),
        body: detail(sentence ?? 'The request conflicts with the present state.'),
      };
    case 'too_large':
      return { status: 413, code: 'parse_error', body: detail('Request body is too large.') };
    case 'media_type':
      return { status: 415, code: 'parse_error', body: detail(DRF_DETAIL.mediaType(String(params.type))) };
    case 'precondition':
      return {
        status: 422,
        code: known('validation'),
        body: detail(sentence ?? 'The request can not be carried out.'),
      };
    case 'too_many':
      return {
        status: 429,
        code: 'throttled',
        body: detail(DRF_DETAIL.throttled(params.retryAfter ?? 1)),
        headers: later,
      };
    case 'unsupported':
      return { status: 409, code: 'unsupported', body: detail(sentence ?? 'This is not supported.') };
    case 'capacity':
    case 'upstream':
    case 'unavailable':
      return {
        status: 503,
        code: known(kind === 'capacity' ? 'no_capacity' : 'driver_unavailable'),
        body: detail(sentence ?? 'The service is not available for now. Try again later.'),
        headers: later,
      };
    case 'expectation':
      return { status: 417, code: 'validation', body: detail(sentence ?? 'The expectation can not be met.') };
    case 'invalid':
    case 'not_acceptable':
      return invalidAnswer(fault, sentence, known('validation'));
    case 'internal':
      return { status: 500, code: 'internal', body: detail(DRF_DETAIL.internal) };
  }
};
/** Sentences of this service's own rules; those of the kit stay as they are. */
const withSentence = (issue: Issue): Issue => {
  const wording = wordingOf(issue.rule);
  return wording ? { ...issue, rule: 'text', values: { text: sentenceOf(wording, issue.values ?? {}) } } : issue;
};
const invalidAnswer = ({ code, params }: Fault, sentence: string | undefined, known: string): Answer => {
  // A path that names nothing by its shape names nothing.
  if (code === 'params') return { status: 404, code: 'not_found', body: detail(DRF_DETAIL.notFound) };
  if (code.startsWith('body.'))
    return {
      status: 400,
      code: 'parse_error',
      body: detail(DRF_DETAIL.parse(typeof params.reason === 'string' ? params.reason : 'the body is not readable')),
    };
  if (sentence !== undefined) return { status: 400, code: known, body: detail(sentence) };
  return { status: 400, code: known, body: drfErrors({ issues: (params.issues ?? []).map(withSentence) }) };
};

const write = (res: Response, status: number, headers: Record<string, string>, body: unknown): void => {
  if (status === 204) res.writeHead(204, headers).end();
  else writeJson(res, status, body ?? null, headers);
};

/** How the portal speaks: Django REST framework's ways (contract compute §1, §2). */
export const dialect: Dialect<ComputeCtx> = {
  api: compute.computeApi,
  order: 'authentication-first',
  authenticate,
  // A GET that writes has no HEAD.
  head: ({ writes }) => !writes,
  allow: (contracts) =>
    contracts.flatMap(({ method, writes }) => (method === 'get' && !writes ? ['GET', 'HEAD'] : [method.toUpperCase()])),
  readBody: async (req) => {
    const type = mediaType(req);
    if (announcesBody(req) && type !== 'application/json')
      throw new Fault('media_type', 'media_type', { type: req.headers['content-type'] ?? '' });
    const raw = await readRawBody(req, BODY_LIMIT);
    rememberBody(req, raw);
    return raw.length ? parseJson(raw, keepDigits) : {};
  },
  send: (req, res, { status, body, headers }) => {
    // An unread body can not be told from the next request on the connection (contract compute T5).
    if (announcesBody(req)) lingerBeforeClose(req, res);
    write(res, status, headers, body);
  },
  fault: (req, res, fault) => {
    const { status, code, body, headers = {} } = answerTo(fault, req.method);
    write(res, status, { ...headers, 'X-Error-Code': code }, body);
  },
};
