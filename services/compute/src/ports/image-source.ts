import { lookup as resolveName } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP, type BlockList, type LookupFunction } from 'node:net';
import { Fault } from '@nefos/service-kit';
import { hostOf, isOutside, isWebPort } from './outside-address.js';

/** Data at an address of the Internet. */
export interface Fetched {
  /** Bytes, where the server says so. */
  size: number | null;
  parts: AsyncIterable<Buffer>;
}
export interface ImageSource {
  /** Whether data may be fetched from such an address. Whom its name stands for is judged when it is fetched. */
  isReadable(url: string): boolean;
  /**
   * Begins to fetch.
   * @throws Fault invalid (import.url, import.address, import.status, import.redirects): it will not be otherwise
   * later; unavailable/import.unreachable: it may, and so is a name of which an address is internal
   */
  open(url: string, signal: AbortSignal): Promise<Fetched>;
}

const MAX_REDIRECTS = 5;
/** Seconds without a byte, from the first packet on. */
const SILENCE_MS = 30_000;
const UNKNOWN_NAME = 'the name is not known';
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const readUrl = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.password && isWebPort(url.port)
    ? url
    : undefined;
};
const unreachable = (reason: string, cause?: unknown): Fault =>
  new Fault('unavailable', 'import.unreachable', { reason }, { cause });

/**
 * Fetches over http and https from public addresses, and from those that the operator allows. The connection goes to
 * the address that was judged: what the name stands for in the next moment does not count.
 */
export const createImageSource = (allowed: BlockList): ImageSource => {
  /** All addresses of a host; one that is not allowed refuses the host. */
  const addressesOf = async (url: URL): Promise<{ address: string; family: number }[]> => {
    const host = hostOf(url);
    const family = isIP(host);
    const found = family
      ? [{ address: host, family }]
      : await resolveName(host, { all: true }).catch((err: unknown) => {
          throw unreachable(UNKNOWN_NAME, err);
        });
    if (found.length && found.every(({ address }) => isOutside(address, allowed))) return found;
    // A name that stands for something inside is answered as one that stands for nothing: whether it exists is told to
    // nobody.
    throw family ? new Fault('invalid', 'import.address') : unreachable(UNKNOWN_NAME);
  };
  const request = async (url: URL, signal: AbortSignal): Promise<http.IncomingMessage> => {
    const addresses = await addressesOf(url);
    // Node asks it for names only; an address in the URL is the one that was judged.
    const lookup: LookupFunction = (_host, options, callback) => {
      if (options.all) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    };
    const send = url.protocol === 'https:' ? https.request : http.request;
    return new Promise((resolve, reject) => {
      const req = send(url, {
        method: 'GET',
        agent: false,
        lookup,
        signal,
        timeout: SILENCE_MS,
        headers: { Accept: '*/*', 'Accept-Encoding': 'identity', 'User-Agent': 'nefos', Connection: 'close' },
      });
      req.on('timeout', () => req.destroy(unreachable('it does not go on')));
      req.on('response', resolve);
      req.on('error', (err) =>
        reject(
          err instanceof Fault || signal.aborted ? err : unreachable((err as NodeJS.ErrnoException).code ?? '', err),
        ),
      );
      req.end();
    });
  };
  async function* partsOf(answer: http.IncomingMessage, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
    try {
      for await (const part of answer) yield part as Buffer;
    } catch (err) {
      if (signal.aborted || err instanceof Fault) throw err;
      throw unreachable('it broke off', err);
    }
  }
  const open = async (at: string, signal: AbortSignal, redirects = 0): Promise<Fetched> => {
    const url = readUrl(at);
    if (!url) throw new Fault('invalid', 'import.url');
    const answer = await request(url, signal);
    const status = answer.statusCode ?? 0;
    if (REDIRECTS.has(status) && answer.headers.location !== undefined) {
      answer.destroy();
      if (redirects >= MAX_REDIRECTS) throw new Fault('invalid', 'import.redirects');
      const next = URL.canParse(answer.headers.location, url.href)
        ? new URL(answer.headers.location, url.href).href
        : '';
      // What began encrypted stays so.
      if (url.protocol === 'https:' && !next.startsWith('https:')) throw new Fault('invalid', 'import.redirects');
      return open(next, signal, redirects + 1);
    }
    if (status !== 200) {
      answer.destroy();
      if (status >= 500 || status === 429) throw unreachable(`it answers ${status}`);
      throw new Fault('invalid', 'import.status', { status });
    }
    const length = answer.headers['content-length'];
    return { size: length === undefined ? null : Number(length), parts: partsOf(answer, signal) };
  };
  return { open, isReadable: (url) => readUrl(url) !== undefined };
};
