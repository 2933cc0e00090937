import type { IdentityCtx } from '../../ctx.js';

/** The links of a list of v2.0: to the next page where there is one. */
type Links = { rel: 'next'; href: string }[];
/** Cuts rows that were read one longer than asked for. `path` is below the root of v2.0. */
export const v2Page = <T>(
  ctx: IdentityCtx,
  path: string,
  { limit, rows, idOf }: { limit: number; rows: readonly T[]; idOf: (row: T) => string },
): { items: T[]; links: Links } => {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || rows.length <= limit) return { items, links: [] };
  const query = new URLSearchParams({ limit: String(limit), marker: idOf(last) });
  return {
    items,
    links: [{ rel: 'next', href: `${ctx.settings.publicUrl}/identity/v2.0/${path}?${query.toString()}` }],
  };
};
