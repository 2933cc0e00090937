import { cachedDocument, type CachedDocument } from '@nefos/service-kit';
import type { ServiceName } from './routes.js';
import { ask, type Upstream } from './upstream.js';

/** A copy younger than this is used as it is; an older one is revalidated with the service by its ETag. */
const FRESH_MS = 5000;
/** While the service does not answer, its last copy is served up to this age. */
const STALE_MS = 300_000;
/** Bytes of the largest document that is accepted. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The OpenAPI documents, in their order: the name that the gateway gives each, the service that has it, and where. */
export const DOCUMENTS: readonly { name: string; service: ServiceName; path: string }[] = [
  { name: 'identity', service: 'identity', path: '/openapi.json' },
  { name: 'compute', service: 'compute', path: '/openapi.json' },
  { name: 'metering', service: 'metering', path: '/openapi.json' },
  { name: 'introspection', service: 'introspection', path: '/openapi.json' },
  { name: 'baremetal', service: 'introspection', path: '/openapi-baremetal.json' },
  ...['compute', 'image', 'network', 'volume'].map((api) => ({
    name: `openstack-${api}`,
    service: 'compute' as const,
    path: `/openapi-openstack-${api}.json`,
  })),
];
interface Copy {
  document: CachedDocument;
  /** The ETag that the service gave it. */
  etag: string | undefined;
  checkedAt: number;
}
/**
 * Makes the reader of an OpenAPI document that a service has at `path`. It is kept in memory and revalidated at most
 * every FRESH_MS; requests that come meanwhile share one fetch.
 * @throws when the service does not answer and there is no copy younger than STALE_MS
 */
export const makeDocument = (
  upstream: Upstream,
  path: string,
  now: () => number = Date.now,
): (() => Promise<CachedDocument>) => {
  let copy: Copy | undefined;
  let pending: Promise<Copy> | undefined;
  const refresh = async (): Promise<Copy> => {
    const { status, headers, body } = await ask(upstream, path, {
      limit: MAX_BYTES,
      headers: copy?.etag === undefined ? {} : { 'If-None-Match': copy.etag },
    });
    if (status === 304 && copy) return { ...copy, checkedAt: now() };
    if (status !== 200) throw new Error(`${upstream.name} answered ${status} for its OpenAPI document`);
    return { document: cachedDocument(body), etag: headers.etag, checkedAt: now() };
  };
  return async () => {
    if (copy && now() - copy.checkedAt < FRESH_MS) return copy.document;
    pending ??= refresh().finally(() => {
      pending = undefined;
    });
    try {
      copy = await pending;
    } catch (err) {
      if (!copy || now() - copy.checkedAt > STALE_MS) throw err;
    }
    return copy.document;
  };
};
