import { STATUS_CODES } from 'node:http';
import type { Contract } from '@nefos/contracts';
import { identity } from '@nefos/contracts';
import {
  asBigInt,
  Fault,
  mediaType,
  parseJson,
  parseMultipart,
  parseUrlencoded,
  readRawBody,
  refuseLong,
  type Dialect,
} from '@nefos/service-kit';
import type { Request, Response } from 'express';
import { asciiJson } from './access/api/json.js';
import { STANDARD_HEADERS } from './access/api/headers.js';
import { authenticate } from './access/api/credentials.js';
import { JSON_TYPE, pathOf, wantsXml, XML_TYPE } from './access/api/format.js';
import { knownBodies } from './access/api/known-bodies.js';
import { faultXml } from './access/api/xml.js';
import type { IdentityCtx, IdentityRequest } from './ctx.js';
import { WORDS } from './words.js';

/** Which part of the API a path belongs to: each has its own form of faults. */
type Surface = 'account' | 'v2' | 'v3' | 'internal';
const surfaceOf = (path: string): Surface =>
  path.startsWith('/identity/v3')
    ? 'v3'
    : path.startsWith('/identity')
      ? 'v2'
      : path.startsWith('/internal')
        ? 'internal'
        : 'account';

const NAMES: Record<Fault['kind'], [number, string]> = {
  invalid: [400, 'badRequest'],
  expectation: [417, 'badRequest'],
  unauthenticated: [401, 'unauthorized'],
  forbidden: [403, 'forbidden'],
  not_found: [404, 'itemNotFound'],
  method: [405, 'notAllowed'],
  not_acceptable: [400, 'badRequest'],
  media_type: [400, 'badRequest'],
  conflict: [409, 'conflict'],
  precondition: [412, 'preconditionFailed'],
  too_large: [413, 'requestEntityTooLarge'],
  too_many: [429, 'overLimit'],
  capacity: [413, 'overLimit'],
  upstream: [502, 'badGateway'],
  unavailable: [503, 'serviceUnavailable'],
  unsupported: [501, 'notImplemented'],
  internal: [500, 'internalServerError'],
};
/** What a refusal says. */
export const describeFault = (fault: Fault): string => {
  const word = WORDS[fault.code];
  if (word) return typeof word === 'string' ? word : word(fault);
  if (typeof fault.params.detail === 'string') return fault.params.detail;
  const long = fault.params.issues?.find((i) => i.rule === 'too_long' && i.values?.most !== undefined);
  if (long) return `At most ${String(long.values?.most)} entries in ${long.path.map(String).join('.') || 'the body'}`;
  // zod names the keys: `Unrecognized key: "x"`.
  const unknown = fault.params.issues?.find((i) => i.rule === 'unrecognized_keys');
  if (unknown) return String(unknown.values?.message).slice(0, 300);
  const where = fault.params.issues?.map((i) => i.path.map(String).join('.')).filter(Boolean);
  if (where?.length) return `Bad value: ${[...new Set(where)].slice(0, 10).join(', ')}`;
  return fault.kind === 'invalid'
    ? 'Malformed request'
    : fault.kind === 'not_found'
      ? 'Not found'
      : (STATUS_CODES[NAMES[fault.kind][0]] ?? 'Error');
};
// The guide's own endpoints answer a wrong method with 400, all others with 405 (contract identity §1.2).
const SEED = [
  identity.getServices,
  identity.getMenu,
  identity.authenticate,
  identity.sendFeedback,
  identity.getUserCatalogs,
  identity.getServiceUserCatalogs,
  identity.postTokens,
] as readonly Contract[];
const SEED_PATHS = new Set(SEED.flatMap((c) => [c.path, ...(c.aliases ?? [])]));
const SUCCESSORS = new Map(SEED.flatMap((c) => (c.aliases ?? []).map((alias) => [alias, c.path] as const)));

const write = (
  req: Request,
  res: Response,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Record<string, string>,
  ctx: IdentityRequest,
): void => {
  const successor = SUCCESSORS.get(pathOf(req));
  const length = status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  res.writeHead(status, {
    ...(body.length ? { 'Content-Type': type } : {}),
    ...length,
    ...STANDARD_HEADERS.now(),
    'X-Request-Id': ctx.requestId,
    'x-openstack-request-id': ctx.requestId,
    ...(successor && { Deprecation: 'true', Link: `<${successor}>; rel="successor-version"` }),
    ...headers,
  });
  res.end(req.method === 'HEAD' || status === 204 ? undefined : body);
};
const BODY_LIMIT = 256 * 1024;
const CATALOGS_LIMIT = 1024 * 1024;

/** Whole numbers beyond 2^53 come in projects alone (contract identity §1.6). */
const json = (raw: Buffer, contract: Contract): unknown =>
  parseJson(raw, contract.path.startsWith('/account/v1.0/projects') ? asBigInt : refuseLong);
const readBody = async (req: Request, contract: Contract): Promise<unknown> => {
  const type = mediaType(req);
  const consumes = contract.consumes ?? [];
  const raw = knownBodies.get(req) ?? (await readRawBody(req, consumes.includes('*/*') ? CATALOGS_LIMIT : BODY_LIMIT));
  if (consumes.includes('*/*')) return json(raw, contract);
  if (consumes.includes('application/x-www-form-urlencoded')) {
    if (type === 'multipart/form-data') return parseMultipart(raw, req.headers['content-type'] ?? '');
    if (type === '' || type === 'application/x-www-form-urlencoded' || type === 'application/octet-stream')
      return parseUrlencoded(raw);
    throw new Fault('invalid', 'body.type', { type: req.headers['content-type'] });
  }
  if (!raw.length && contract.path === identity.postTokens.path) return undefined;
  if (req.headers['content-type'] === undefined) throw new Fault('invalid', 'body.type_missing');
  if (!type.startsWith('application/json'))
    throw new Fault('invalid', 'body.type', { type: req.headers['content-type'] });
  return json(raw, contract);
};

export const dialect: Dialect<IdentityCtx> = {
  api: identity.identityApi,
  order: 'method-first',
  authenticate,
  readBody,
  head: (contract) => contract.path.startsWith('/identity'),
  allow: (contracts) => {
    const names = contracts.map((c) => c.method.toUpperCase());
    return names.includes('GET') && contracts[0]?.path.startsWith('/identity') ? [...names, 'HEAD'] : names;
  },
  send: (req, res, { status, body, headers }, _contract, ctx) => {
    const raw = Buffer.isBuffer(body) || typeof body === 'string';
    write(req, res, status, JSON_TYPE, body === undefined ? '' : raw ? body : asciiJson(body), headers, ctx);
  },
  fault: (req, res, fault, ctx) => {
    const path = pathOf(req);
    const surface = surfaceOf(path);
    const { publicUrl } = ctx.settings;
    const seedMethod = fault.kind === 'method' && SEED_PATHS.has(path);
    const [status, name] = seedMethod ? NAMES.invalid : NAMES[fault.kind];
    const message =
      fault.kind === 'invalid' && path.endsWith('/feedback') && fault.code === 'validation'
        ? (WORDS['feedback.invalid'] as string)
        : describeFault(fault);
    const headers: Record<string, string> = {
      ...(fault.params.allow && { Allow: fault.params.allow.join(', ') }),
      ...(fault.params.retryAfter !== undefined && { 'Retry-After': String(fault.params.retryAfter) }),
      ...(status === 401 && {
        'WWW-Authenticate': `Keystone uri="${publicUrl}/identity${surface === 'v3' ? '/v3' : ''}"`,
      }),
    };
    if (surface !== 'v3' && wantsXml(req)) {
      write(req, res, status, XML_TYPE, faultXml(name, status, message), headers, ctx);
      return;
    }
    const error = {
      code: status,
      title: STATUS_CODES[status],
      message,
      ...(surface === 'internal' && { reason: fault.code }),
    };
    const own = { [name]: { code: status, message, details: '' } };
    write(
      req,
      res,
      status,
      JSON_TYPE,
      asciiJson(surface === 'v3' || surface === 'internal' ? { error } : surface === 'v2' ? { ...own, error } : own),
      headers,
      ctx,
    );
  },
};
/**
 * A path that nobody serves: 400 under the API's prefixes, an ordinary 404 elsewhere and under v3 (contract identity
 * §1.1, §12.1).
 */
export const unknownPath = (path: string): Fault =>
  /^\/(account|identity)(\/|$)/.test(path) && surfaceOf(path) !== 'v3'
    ? new Fault('invalid', 'path.unknown')
    : new Fault('not_found', 'path.absent');
