import type { IdentityCtx } from '../ctx.js';

export interface NextLink {
  rel: 'next';
  href: string;
}
/** A page and the address of the one after it, if there is one. `found` is one longer than asked where there is more. */
export const pageOf = <T>(
  ctx: Pick<IdentityCtx, 'settings'>,
  path: string,
  found: readonly T[],
  limit: number,
  markerOf: (one: T) => string,
): { page: T[]; links: NextLink[] } => {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && found.length > limit;
  const query = more ? new URLSearchParams({ limit: String(limit), marker: markerOf(last) }) : undefined;
  return { page, links: query ? [{ rel: 'next', href: `${ctx.settings.publicUrl}${path}?${query.toString()}` }] : [] };
};
