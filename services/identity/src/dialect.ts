import { STATUS_CODES } from 'node:http';
import { identity, type Contract } from '@nefos/contracts';
import { Fault, type Dialect } from '@nefos/service-kit';
import type { Request, Response } from 'express';
import { authenticate } from './access/api/credentials.js';
import { JSON_TYPE, pathOf, wantsXml, XML_TYPE } from './access/api/format.js';
import { STANDARD_HEADERS } from './access/api/headers.js';
import { asciiJson } from './access/api/json.js';
import { faultXml } from './access/api/xml.js';
import { readBody } from './bodies.js';
import type { IdentityCtx, IdentityRequest } from './ctx.js';
import { endpoints } from './endpoints.js';
import { describeFault } from './sentences.js';
import { STATUSES } from './statuses.js';
import { keystoneSentence } from './words-v3.js';

const { surfaceOf } = identity;
/**
 * One contract of each path, its aliases included: what the dialect asks it is the same for all methods of the path.
 */
const CONTRACTS = new Map<string, Contract>(
  endpoints.flatMap(({ contract }) => [contract.path, ...(contract.aliases ?? [])].map((path) => [path, contract])),
);
const routeOf = (req: Request): string | undefined => (req.route as { path?: string } | undefined)?.path;
/** The contract of the path that was requested; undefined for a path that nothing serves. */
const contractOf = (req: Request): Contract | undefined => CONTRACTS.get(routeOf(req) ?? '');
/** Headers of an answer by an alias of the guide: they name the path that replaces it. */
const successorHeaders = (req: Request): Record<string, string> => {
  const contract = contractOf(req);
  return contract?.ofGuide && contract.path !== routeOf(req)
    ? { Deprecation: 'true', Link: `<${contract.path}>; rel="successor-version"` }
    : {};
};

interface Answer {
  status: number;
  type: string;
  body: string | Buffer;
  headers: Record<string, string>;
}
const write = (req: Request, res: Response, { status, type, body, headers }: Answer, ctx: IdentityRequest): void => {
  const length = status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  res.writeHead(status, {
    ...(body.length ? { 'Content-Type': type } : {}),
    ...length,
    ...STANDARD_HEADERS.now(),
    'X-Request-Id': ctx.requestId,
    'x-openstack-request-id': ctx.requestId,
    ...successorHeaders(req),
    ...headers,
  });
  res.end(req.method === 'HEAD' || status === 204 ? undefined : body);
};

const messageOf = (req: Request, fault: Fault, surface: identity.Surface, contract: Contract | undefined): string => {
  const keystones = surface.name === 'V3' ? keystoneSentence(fault, contract?.path, req.params) : undefined;
  if (keystones !== undefined) return keystones;
  const ownCode = fault.kind === 'invalid' && fault.code === 'validation' ? contract?.bodyRefusal : undefined;
  return describeFault(ownCode === undefined ? fault : new Fault('invalid', ownCode));
};
/** The body of a refusal in JSON (contract identity §1.7, §12.1). */
const faultJson = (surface: identity.Surface, name: string, status: number, message: string, code: string): string => {
  const error = { code: status, title: STATUS_CODES[status], message };
  const named = { [name]: { code: status, message, details: '' } };
  switch (surface.name) {
    case 'V3':
      return asciiJson({ error });
    case 'Internal':
      return asciiJson({ error: { ...error, reason: code } });
    case 'V2':
      return asciiJson({ ...named, error });
    case 'Account':
      return asciiJson(named);
  }
};
const faultHeaders = (surface: identity.Surface, fault: Fault, status: number, publicUrl: string) => ({
  ...(fault.params.allow && { Allow: fault.params.allow.join(', ') }),
  ...(fault.params.retryAfter !== undefined && { 'Retry-After': String(fault.params.retryAfter) }),
  ...(status === 401 && {
    'WWW-Authenticate': `Keystone uri="${publicUrl}/identity${surface.name === 'V3' ? '/v3' : ''}"`,
  }),
});

/** The forms and words of identity's answers (contract identity §1). */
export const dialect: Dialect<IdentityCtx> = {
  api: identity.identityApi,
  order: 'method-first',
  authenticate,
  readBody,
  head: (contract) => surfaceOf(contract.path).head,
  allow: (contracts) => {
    const names = contracts.map((contract) => contract.method.toUpperCase());
    const head = names.includes('GET') && contracts[0] && surfaceOf(contracts[0].path).head;
    return head ? [...names, 'HEAD'] : names;
  },
  send: (req, res, { status, body, headers }, _contract, ctx) => {
    const raw = Buffer.isBuffer(body) || typeof body === 'string';
    const text = body === undefined ? '' : raw ? body : asciiJson(body);
    write(req, res, { status, type: JSON_TYPE, body: text, headers }, ctx);
  },
  fault: (req, res, fault, ctx) => {
    const contract = contractOf(req);
    const surface = surfaceOf(pathOf(req));
    // The guide's own endpoints refuse a wrong method with 400, all others with 405 (contract identity §1.2).
    const [status, name] = STATUSES[fault.kind === 'method' && contract?.ofGuide ? 'invalid' : fault.kind];
    const message = messageOf(req, fault, surface, contract);
    const headers = faultHeaders(surface, fault, status, ctx.settings.publicUrl);
    const answer =
      surface.xml && wantsXml(req)
        ? { type: XML_TYPE, body: faultXml(name, status, message) }
        : { type: JSON_TYPE, body: faultJson(surface, name, status, message, fault.code) };
    write(req, res, { status, headers, ...answer }, ctx);
  },
};
/** The refusal of a path that nothing serves (contract identity §1.1, §12.1). */
export const unknownPath = (path: string): Fault => {
  const { prefix, unknownPathIsInvalid } = surfaceOf(path);
  return unknownPathIsInvalid && (path === prefix || path.startsWith(`${prefix}/`))
    ? new Fault('invalid', 'path.unknown')
    : new Fault('not_found', 'path.absent');
};
