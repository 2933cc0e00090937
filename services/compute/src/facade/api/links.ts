import { dropTrailing } from '@nefos/contracts';
import type { Request } from 'express';
import type { ComputeCtx } from '../../ctx.js';

/** An address as clients reach it. */
export const publicUrl = (ctx: Pick<ComputeCtx, 'config'>, path: string): string =>
  dropTrailing(ctx.config.NEFOS_PUBLIC_URL, '/') + path;

/** The query of a request with other values of these names; undefined: without the name. */
export const queryWith = (req: Request, changes: Readonly<Record<string, string | undefined>>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(req.query))
    for (const one of Array.isArray(value) ? value : [value])
      if (!Object.hasOwn(changes, name) && typeof one === 'string') query.append(name, one);
  for (const [name, value] of Object.entries(changes)) if (value !== undefined) query.append(name, value);
  return query.toString();
};
/** The query of the page after this one: the same, with the marker of its last row. */
export const nextQuery = (req: Request, marker: string): string => queryWith(req, { marker });
/** `links` of a page behind which there is another one (`servers_links`). @param path of the list */
export const nextLinks = (ctx: Pick<ComputeCtx, 'config'>, req: Request, path: string, marker: string) => [
  { rel: 'next', href: `${publicUrl(ctx, path)}?${nextQuery(req, marker)}` },
];
