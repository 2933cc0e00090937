import { introspection } from '@nefos/contracts';
import { writeJson, type Dialect, type Fault, STATUS_OF_KIND } from '@nefos/service-kit';
import type { Response } from 'express';
import { challengeOf } from './authentication.js';
import type { IntrospectionCtx } from './ctx.js';
import { common } from './dialect.js';
import { jsonText } from './json-text.js';
import { sentenceOf } from './words.js';

/** A refusal in Ironic's form: JSON text inside JSON (contract introspection §11.1). */
export const writeRegistryRefusal = (res: Response, fault: Fault, challenge: string): void => {
  const status = STATUS_OF_KIND[fault.kind];
  if (status === 401) res.setHeader('WWW-Authenticate', challenge);
  if (fault.params.retryAfter !== undefined) res.setHeader('Retry-After', fault.params.retryAfter);
  if (fault.params.allow) res.setHeader('Allow', fault.params.allow.join(', '));
  const said = {
    faultcode: status < 500 ? 'Client' : 'Server',
    faultstring: sentenceOf(fault).toWellFormed(),
    debuginfo: null,
  };
  writeJson(res, status, { error_message: JSON.stringify(said) });
};
/** The forms of the Bare Metal API (contract introspection §11.1). */
export const registryDialect: Dialect<IntrospectionCtx> = {
  api: introspection.registryApi,
  ...common,
  send: (_req, res, { status, body, headers }, contract) => {
    if (body === undefined) res.writeHead(status, { ...headers, ...(status !== 204 && { 'Content-Length': 0 }) }).end();
    else writeJson(res, status, contract?.area === 'rules' ? Buffer.from(jsonText(body)) : body, headers);
  },
  fault: (_req, res, fault, ctx) => writeRegistryRefusal(res, fault, challengeOf(ctx.config)),
};
