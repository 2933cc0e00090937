import { isIP, type LookupFunction } from 'node:net';
import { createStrictHttp, jsonAnswer } from '@nefos/service-kit';
import { BmcError } from '../domain/driver.js';

export interface WireRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the root of the BMC; see `pathOn`. */
  path: string;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}
export interface WireAnswer {
  status: number;
  /** undefined: none, or no JSON. */
  body: unknown;
  header(name: string): string | undefined;
}
export interface Wire {
  /** @throws BmcError when there is no answer */
  (request: WireRequest): Promise<WireAnswer>;
  close(): void;
}
const LARGEST_ANSWER = 4 * 1024 * 1024;
const LONGEST_HEADER = 4096;
const REDIRECTS = new Set([301, 302, 307, 308]);

/**
 * The path of a reference that a BMC gave. What points to another server is not followed: our credentials go to this
 * BMC only.
 * @throws BmcError `refused`
 */
export const pathOn = (origin: string, reference: string, from = '/'): string => {
  const base = new URL(from, origin);
  const url = URL.canParse(reference, base.href) ? new URL(reference, base) : undefined;
  if (url?.origin !== new URL(origin).origin)
    throw new BmcError('refused', 'The BMC points to another server, which is not followed.');
  return url.pathname + url.search;
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS/;
/** Why there was no answer, without addresses, headers or bodies. */
const noAnswer = (err: unknown): BmcError => {
  const { code = 'no answer' } = err as { code?: string };
  if (CERTIFICATE.test(code))
    return new BmcError(
      'configuration',
      `The BMC's certificate is not trusted (${code}); see redfish_verify_ca of driver_info.`,
    );
  if (code === 'ERR_BAD_RESPONSE') return new BmcError('refused', 'The BMC answered with more than 4 MiB.');
  return new BmcError('unreachable', `The BMC does not answer (${code === 'ERR_CANCELED' ? 'time is over' : code}).`);
};

/**
 * HTTP with one BMC. Connections go to the address that was checked, whatever the name says by then; neither redirects
 * to other servers nor proxies of the environment.
 */
export const createWire = (options: {
  origin: string;
  /** That was checked. */
  address: string;
  timeoutMs: number;
  verify: boolean;
  ca?: string | undefined;
  signal: AbortSignal;
}): Wire => {
  const { origin, address, timeoutMs, verify, ca, signal } = options;
  const lookup: LookupFunction = (_host, wanted, answer) => {
    const family = isIP(address);
    if (wanted.all) (answer as (err: null, all: object[]) => void)(null, [{ address, family }]);
    else answer(null, address, family);
  };
  const { request, close } = createStrictHttp({ maxSockets: 1, verify, ca, lookup, maxBytes: LARGEST_ANSWER });
  const once = async ({ method, path, body, headers }: WireRequest): Promise<WireAnswer> => {
    signal.throwIfAborted();
    // Anything else behind the origin would be part of another host's name.
    if (!path.startsWith('/')) throw new BmcError('refused', 'The BMC points to no path.');
    try {
      const answer = await request({
        method,
        url: origin + path,
        ...(body !== undefined && { data: body }),
        headers: { Accept: 'application/json', 'OData-Version': '4.0', ...headers },
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      const header = (name: string): string | undefined => {
        const value = answer.header(name);
        return value !== undefined && value.length <= LONGEST_HEADER ? value : undefined;
      };
      return { status: answer.status, body: jsonAnswer(answer.text), header };
    } catch (err) {
      signal.throwIfAborted();
      throw noAnswer(err);
    }
  };
  /** Readings alone are looked for where the BMC says, such as behind a slash that was missing. */
  const wire = async (asked: WireRequest, hops = 0): Promise<WireAnswer> => {
    const answer = await once(asked);
    const location = answer.header('location');
    if (asked.method !== 'GET' || !REDIRECTS.has(answer.status) || location === undefined || hops >= 3) return answer;
    return wire({ ...asked, path: pathOn(origin, location, asked.path) }, hops + 1);
  };
  return Object.assign((asked: WireRequest) => wire(asked), { close });
};
