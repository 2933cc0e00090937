import type { Request } from 'express';
import { linkTo } from '../../access/api/origin.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { uuidOf } from '../domain/refs.js';

/** A type, not an interface, so that it counts as an object of JSON. */
export type Link = { href: string; rel: string };
/** Where the registry is for this caller; made once for all links of an answer. */
export const registryBase = (ctx: IntrospectionCtx, req: Request): string => linkTo(ctx, req, '/baremetal');
/** Where the states of a node are, for a header: spaces around a UUID, which do not count, may not stand there. */
export const statesAddress = (ctx: IntrospectionCtx, req: Request, ref: string): string =>
  `${registryBase(ctx, req)}/v1/nodes/${encodeURIComponent(uuidOf(ref) ?? ref)}/states`;
/** The two links of a resource: with the version, and for bookmarks without it. */
export const linksTo = (base: string, path: string): Link[] => [
  { href: `${base}/v1/${path}`, rel: 'self' },
  { href: `${base}/${path}`, rel: 'bookmark' },
];
/** The address of the next page: the same query, after the last item. */
export const nextPage = (base: string, path: string, req: Request, limit: number, marker: string): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(req.query))
    if (name !== 'limit' && name !== 'marker' && typeof value === 'string') query.set(name, value);
  query.set('limit', String(limit));
  query.set('marker', marker);
  return `${base}/v1/${path}?${query.toString().replaceAll('%2C', ',')}`;
};
