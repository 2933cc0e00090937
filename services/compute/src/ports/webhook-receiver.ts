import http from 'node:http';
import https from 'node:https';
import { isIP, type BlockList } from 'node:net';
import { demandOutside, hostOf, isOutside, isWebPort, lookupOutside } from './outside-address.js';

/** How a receiver answered; `error`: it did not. */
export type Received = { status: number } | { error: string };
/** Where webhooks are sent. */
export interface WebhookReceivers {
  /** Whether the host is a name, or an address outside; a name is looked up when something is sent. */
  accepts(url: URL): boolean;
  /** Posts a body of JSON. Redirects are not followed. Never throws. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Received>;
}
const TIMEOUT_MS = 10_000;
/** Bytes of an answer that are read; nobody needs them. */
const MAX_ANSWER = 64 * 1024;

/** @param allowed networks that may be reached though they are inside */
export const receiversOverHttp = (allowed: BlockList): WebhookReceivers => {
  const lookup = lookupOutside(allowed);
  const request = (url: URL, headers: http.OutgoingHttpHeaders, body: string, signal: AbortSignal): Promise<number> =>
    new Promise((resolve, reject) => {
      demandOutside(url, allowed);
      const send = url.protocol === 'https:' ? https.request : http.request;
      const { port, pathname, search } = url;
      const req = send(
        { host: hostOf(url), port, path: pathname + search, method: 'POST', headers, lookup, signal, agent: false },
        (res) => {
          let size = 0;
          res.on('error', () => undefined);
          res.on('data', (part: Buffer) => {
            size += part.length;
            if (size > MAX_ANSWER) req.destroy();
          });
          resolve(res.statusCode ?? 0);
        },
      );
      req.on('error', reject);
      req.end(body);
    });
  return {
    accepts: (url) => isWebPort(url.port) && (!isIP(hostOf(url)) || isOutside(hostOf(url), allowed)),
    post: async (target, headers, body, signal) => {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const url = new URL(target);
        const all = {
          ...headers,
          Host: url.host,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          'User-Agent': 'Nefos-Webhooks/1',
        };
        return { status: await request(url, all, body, AbortSignal.any([signal, timeout])) };
      } catch (err) {
        if (timeout.aborted) return { error: `no answer within ${TIMEOUT_MS / 1000} seconds` };
        const { code, name, message } = err as NodeJS.ErrnoException;
        return { error: name === 'InsideAddress' ? message : `the connection failed: ${code ?? message}` };
      }
    },
  };
};
