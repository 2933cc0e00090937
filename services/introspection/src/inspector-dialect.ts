import { introspection, type Contract } from '@nefos/contracts';
import type { Fault } from '@nefos/service-kit';
import { writeJson, type Dialect, STATUS_OF_KIND } from '@nefos/service-kit';
import type { Response } from 'express';
import { challengeOf } from './authentication.js';
import type { IntrospectionCtx } from './ctx.js';
import { common } from './dialect.js';
import { sortedJson } from './sorted-json.js';
import { sentenceOf } from './words.js';

/** What a path takes, GET with HEAD beside it. */
export const methodsOf = (contracts: readonly Contract[]): string[] => [
  ...contracts.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : method.toUpperCase())),
  'OPTIONS',
];
/** A refusal in the inspector's form (contract introspection §1.2). */
export const writeRefusal = (res: Response, fault: Fault, challenge: string): void => {
  const status = STATUS_OF_KIND[fault.kind];
  if (status === 401) res.setHeader('WWW-Authenticate', challenge);
  if (fault.params.retryAfter !== undefined) res.setHeader('Retry-After', fault.params.retryAfter);
  if (fault.params.allow) res.setHeader('Allow', fault.params.allow.join(', '));
  writeJson(res, status, sortedJson({ error: { message: sentenceOf(fault).toWellFormed() } }));
};
/** The forms of the inspector API (contract introspection §1). The version is checked before the path is known. */
export const inspectorDialect: Dialect<IntrospectionCtx> = {
  api: introspection.inspectorApi,
  ...common,
  allow: methodsOf,
  options: (_req, res, contracts) => {
    res.writeHead(200, { Allow: methodsOf(contracts).join(', '), 'Content-Length': 0 }).end();
  },
  send: (_req, res, { status, body, headers }) => {
    if (body === undefined)
      res.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': 0, ...headers }).end();
    else writeJson(res, status, Buffer.isBuffer(body) ? body : sortedJson(body), headers);
  },
  fault: (_req, res, fault, ctx) => writeRefusal(res, fault, challengeOf(ctx.config)),
};
