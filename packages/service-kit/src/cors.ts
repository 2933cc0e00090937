import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { announcesBody } from './body.js';

/**
 * Headers that a page may send: what the APIs read. X-RH-IDENTITY is not among them: it comes from proxies, never
 * from a browser.
 */
const REQUEST_HEADERS = [
  'Accept',
  'Accept-Language',
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-None-Match',
  'X-Auth-Token',
  'X-Request-Id',
  'X-Subject-Token',
].join(', ');
/** Headers of answers that a page may read besides those that it always may. */
const ANSWER_HEADERS = [
  'Allow',
  'ETag',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
  'X-CLOUDIGRADE-REQUEST-ID',
  'X-Error-Code',
  'X-Openstack-Request-Id',
  'X-Request-Id',
  'X-Subject-Token',
].join(', ');
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const MAX_AGE = '600';
/** Paths for people in a browser, for components and for the operator: closed for pages of other origins. */
const CLOSED = /^\/(?:backend\/)?(?:ui|internal|metrics|readyz|healthz)(?:[/?]|$)/;

const ORIGIN = 'Access-Control-Allow-Origin';
type Headers = OutgoingHttpHeaders | string[] | undefined;

const isOrigin = (text: string): boolean => {
  try {
    const { protocol, origin } = new URL(text);
    return /^https?:$/.test(protocol) && origin === text && !text.includes('*');
  } catch {
    return false;
  }
};
/** `http://a.example:8080`, comma-separated, or `*`. @throws on anything else */
export const parseOrigins = (text: string): readonly string[] => {
  const origins = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (origins.includes('*')) {
    if (origins.length > 1) throw new Error('* stands for all origins, so it stands alone');
    return origins;
  }
  for (const one of origins) {
    if (!isOrigin(one)) throw new Error(`${one} is no origin like https://portal.example.com`);
  }
  return origins;
};

/** The value of a header that the answer has so far, and a setter, in whichever form it is given. */
const inHeaders = (res: ServerResponse, given: Headers) => {
  const find = (name: string): number =>
    (given as string[]).findIndex((one, i) => i % 2 === 0 && one.toLowerCase() === name.toLowerCase());
  const key = (name: string): string | undefined =>
    Object.keys(given ?? {}).find((one) => one.toLowerCase() === name.toLowerCase());
  return {
    get: (name: string): string | undefined => {
      const at = Array.isArray(given) ? find(name) : -1;
      const value = Array.isArray(given) ? given[at + 1] : given?.[key(name) ?? name];
      const found = Array.isArray(given) && at < 0 ? res.getHeader(name) : (value ?? res.getHeader(name));
      return found === undefined ? undefined : String(found);
    },
    set: (name: string, value: string): void => {
      if (Array.isArray(given)) {
        const at = find(name);
        if (at < 0) given.push(name, value);
        else given[at + 1] = value;
      } else if (given) given[key(name) ?? name] = value;
      else res.setHeader(name, value);
    },
  };
};
const varied = (before: string | undefined): string =>
  !before ? 'Origin' : before === '*' || /(?:^|,)\s*origin\s*(?:,|$)/i.test(before) ? before : `${before}, Origin`;

/**
 * Lets pages of these origins call the APIs with tokens (never with cookies: no credentials are allowed). A preflight
 * is answered here; every other answer gets its headers when it is written. Headers that an endpoint has set itself
 * stay.
 * @returns what takes a request (`mayAnswer`: it is not refused already): true when that was a preflight, and is
 * answered; undefined without origins
 */
export const makeCors = (
  origins: readonly string[],
): ((req: IncomingMessage, res: ServerResponse, mayAnswer: boolean) => boolean) | undefined => {
  if (!origins.length) return undefined;
  const all = origins[0] === '*';
  const known = new Set(origins);
  return (req, res, mayAnswer) => {
    if (CLOSED.test(req.url ?? '')) return false;
    const { origin } = req.headers;
    // `*` stands in every answer: a cache may hand what was fetched without an origin to a page that has one.
    const allowed = all ? '*' : origin !== undefined && known.has(origin) ? origin : undefined;
    const preflight =
      mayAnswer &&
      origin !== undefined &&
      req.method === 'OPTIONS' &&
      req.headers['access-control-request-method'] !== undefined &&
      !announcesBody(req);
    if (allowed !== undefined && preflight) {
      res
        .writeHead(204, {
          [ORIGIN]: allowed,
          'Access-Control-Allow-Methods': METHODS,
          'Access-Control-Allow-Headers': REQUEST_HEADERS,
          'Access-Control-Max-Age': MAX_AGE,
          Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
        })
        .end();
      return true;
    }
    const write = res.writeHead.bind(res) as (status: number, ...rest: unknown[]) => ServerResponse;
    const withCors = (status: number, ...rest: unknown[]): ServerResponse => {
      const last = rest.at(-1);
      const given = Array.isArray(last)
        ? [...(last as string[])]
        : typeof last === 'object'
          ? { ...(last as OutgoingHttpHeaders) }
          : undefined;
      const headers = inHeaders(res, given);
      if (headers.get(ORIGIN) === undefined) {
        if (!all) headers.set('Vary', varied(headers.get('Vary')));
        if (allowed !== undefined) {
          headers.set(ORIGIN, allowed);
          headers.set('Access-Control-Expose-Headers', ANSWER_HEADERS);
        }
      }
      return write(status, ...(typeof rest[0] === 'string' ? [rest[0]] : []), ...(given ? [given] : []));
    };
    res.writeHead = withCors;
    return false;
  };
};
