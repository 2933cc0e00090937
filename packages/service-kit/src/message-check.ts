import type { IncomingMessage } from 'node:http';
import { Fault } from './fault.js';

/** Headers of host, credentials and length: a message with two of one could be read in two ways. */
const SINGULAR = new Set([
  'host',
  'authorization',
  'x-auth-token',
  'x-subject-token',
  'x-rh-identity',
  'transfer-encoding',
]);
const HOST = 1;
const TRANSFER_ENCODING = 32;
/**
 * A bit for each name above, by its length and its third letter: cheap enough for every request. Other names may
 * share one.
 */
const bitOf = (name: string): number => {
  switch (name.length) {
    case 4:
      return (name.charCodeAt(2) | 32) === 115 ? HOST : 0; // hoSt
    case 13: {
      const third = name.charCodeAt(2) | 32;
      return third === 116 ? 2 : third === 114 ? 4 : 0; // auThorization, x-Rh-identity
    }
    case 12:
      return (name.charCodeAt(2) | 32) === 97 ? 8 : 0; // x-Auth-token
    case 15:
      return (name.charCodeAt(2) | 32) === 115 ? 16 : 0; // x-Subject-token
    case 17:
      return (name.charCodeAt(2) | 32) === 97 ? TRANSFER_ENCODING : 0; // trAnsfer-encoding
    default:
      return 0;
  }
};
const repeated = (raw: readonly string[]): string | undefined => {
  const seen = new Set<string>();
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (!SINGULAR.has(name)) continue;
    if (seen.has(name)) return raw[i];
    seen.add(name);
  }
  return undefined;
};
const refuse = (code: string, detail: string): Fault => new Fault('invalid', code, { detail });

const ABSOLUTE = /^(https?):\/\/([^/?#@\s]+)([/?#][^]*)?$/i;
const plainAuthority = (text: string, scheme: string): string =>
  text.toLowerCase().replace(scheme === 'https' ? /:443$/ : /:80$/, '');
/**
 * A request target that is no path. The absolute form (`GET http://host/path`) becomes its path; which host it names
 * decides nothing here, but it has to be the one of the Host header (RFC 9112 §3.2.2). `OPTIONS *` stays as it is.
 */
const toOriginForm = (req: IncomingMessage): Fault | undefined => {
  const url = req.url ?? '';
  if (url === '*' && req.method === 'OPTIONS') return undefined;
  const [, scheme = '', authority = '', rest = ''] = ABSOLUTE.exec(url) ?? [];
  if (!authority) return refuse('request.target', 'The request target is not a path.');
  const name = scheme.toLowerCase();
  const { host } = req.headers;
  if (host !== undefined && plainAuthority(host, name) !== plainAuthority(authority, name))
    return refuse('request.target', 'The request target and the Host header name different hosts.');
  req.headers.host = authority;
  req.url = rest.startsWith('/') ? rest : `/${rest}`;
  return undefined;
};

/**
 * Refuses what node's parser accepts and no service should get: repeated headers of which only one can count, a
 * missing Host, versions other than HTTP/1.0 and 1.1, unsupported transfer encodings. Changes the request target into
 * its plain form.
 */
export const messageFault = (req: IncomingMessage): Fault | undefined => {
  const raw = req.rawHeaders;
  let present = 0;
  let maybeTwice = false;
  for (let i = 0; i < raw.length; i += 2) {
    const bit = bitOf(raw[i] as string);
    if (bit === 0) continue;
    if (present & bit) maybeTwice = true;
    present |= bit;
  }
  if (maybeTwice) {
    const name = repeated(raw);
    if (name !== undefined) return refuse('request.header_repeated', `The header ${name} is repeated.`);
  }
  if (req.httpVersionMajor !== 1 || req.httpVersionMinor > 1)
    return refuse('request.version', 'The HTTP version is not supported.');
  if (req.httpVersionMinor === 1 && req.headers.host === undefined)
    return refuse('request.host_missing', 'The Host header is missing.');
  if (present & TRANSFER_ENCODING && (req.headers['transfer-encoding'] ?? 'chunked').trim().toLowerCase() !== 'chunked')
    return refuse('request.transfer_encoding', 'Of the transfer encodings only chunked is supported.');
  return req.url?.charCodeAt(0) === 47 ? undefined : toOriginForm(req);
};
