import type { Contract } from '@nefos/contracts';
import {
  asBigInt,
  Fault,
  mediaType,
  parseJson,
  parseMultipart,
  parseUrlencoded,
  readRawBody,
  refuseLong,
} from '@nefos/service-kit';
import type { Request } from 'express';
import { knownBodies } from './access/api/known-bodies.js';

/** Bytes of a body. */
const BODY_LIMIT = 256 * 1024;
/** Bytes of a body that may have any media type: a list of names. */
const ANY_TYPE_LIMIT = 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';

const parseForm = (raw: Buffer, type: string, req: Request): unknown => {
  if (type === 'multipart/form-data') return parseMultipart(raw, req.headers['content-type'] ?? '');
  if (type === '' || type === FORM || type === 'application/octet-stream') return parseUrlencoded(raw);
  throw new Fault('invalid', 'body.type', { type: req.headers['content-type'] });
};
/**
 * The body of a request, parsed as the contract consumes it; undefined where it may be missing and is. @throws Fault
 * invalid, too_large
 */
export const readBody = async (req: Request, contract: Contract): Promise<unknown> => {
  const { consumes = [], longNumbers, optionalBody } = contract;
  const anyType = consumes.includes('*/*');
  const raw = knownBodies.get(req) ?? (await readRawBody(req, anyType ? ANY_TYPE_LIMIT : BODY_LIMIT));
  const json = (): unknown => parseJson(raw, longNumbers ? asBigInt : refuseLong);
  if (anyType) return json();
  const type = mediaType(req);
  if (consumes.includes(FORM)) return parseForm(raw, type, req);
  if (!raw.length && optionalBody) return undefined;
  if (req.headers['content-type'] === undefined) throw new Fault('invalid', 'body.type_missing');
  if (!type.startsWith('application/json'))
    throw new Fault('invalid', 'body.type', { type: req.headers['content-type'] });
  return json();
};
