import { cachedDocument, type CachedDocument } from '@nefos/service-kit';
import { ask, type Upstream } from './upstream.js';

/** For so long a copy is used without a question; then the service is asked whether it is still the one. */
const FRESH_MS = 5000;
/** For so long a copy serves while its service does not answer. */
const STALE_MS = 300_000;
const LARGEST = 16 * 1024 * 1024;

interface Copy {
  document: CachedDocument;
  /** The service's own tag, by which it is asked. */
  tag: string | undefined;
  checkedAt: number;
}
/** The OpenAPI document of one service: fetched once, asked for anew at most every few seconds, by one request at a time. */
export const makeDocument = (upstream: Upstream, now: () => number = Date.now): (() => Promise<CachedDocument>) => {
  let copy: Copy | undefined;
  let asking: Promise<Copy> | undefined;
  const refresh = async (): Promise<Copy> => {
    const { status, headers, body } = await ask(upstream, '/openapi.json', {
      limit: LARGEST,
      headers: copy?.tag === undefined ? {} : { 'If-None-Match': copy.tag },
    });
    if (status === 304 && copy) return { ...copy, checkedAt: now() };
    if (status !== 200) throw new Error(`${upstream.name} answered ${status} for its OpenAPI document`);
    return { document: cachedDocument(body), tag: headers.etag, checkedAt: now() };
  };
  return async () => {
    if (copy && now() - copy.checkedAt < FRESH_MS) return copy.document;
    asking ??= refresh().finally(() => {
      asking = undefined;
    });
    try {
      copy = await asking;
    } catch (err) {
      if (!copy || now() - copy.checkedAt > STALE_MS) throw err;
    }
    return copy.document;
  };
};
