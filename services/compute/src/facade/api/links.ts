import { dropTrailing } from '@nefos/contracts';
import type { Request } from 'express';
import type { ComputeCtx } from '../../ctx.js';

/** An address as clients reach it. */
export const publicUrl = (ctx: Pick<ComputeCtx, 'config'>, path: string): string =>
  dropTrailing(ctx.config.NEFOS_PUBLIC_URL, '/') + path;

/** The query of the page after this one: the same, with the marker of its last row. */
export const nextQuery = (req: Request, marker: string): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(req.query))
    for (const one of Array.isArray(value) ? value : [value])
      if (name !== 'marker' && typeof one === 'string') query.append(name, one);
  query.append('marker', marker);
  return query.toString();
};
/** `links` of a page behind which there is another one (`servers_links`). @param path of the list */
export const nextLinks = (ctx: Pick<ComputeCtx, 'config'>, req: Request, path: string, marker: string) => [
  { rel: 'next', href: `${publicUrl(ctx, path)}?${nextQuery(req, marker)}` },
];
