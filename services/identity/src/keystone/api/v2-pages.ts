import type { IdentityCtx } from '../../ctx.js';

type Links = { rel: 'next'; href: string }[];
/**
 * A page of v2.0, with a link to the next page if there is one.
 * @param path below the root of v2.0
 * @param page.rows one more than `limit` when there are more
 */
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
