import { bad } from '../../access/domain/errors.js';
import type { IdentityCtx } from '../../ctx.js';

/** Lists and links of v3 (contract identity §12.1). */
type Query = Readonly<Record<string, unknown>> & { limit: number; marker?: string | undefined };
/** The link of a resource to itself. */
export const linked = (ctx: IdentityCtx, path: string): { self: string } => ({
  self: `${ctx.settings.publicUrl}/identity/v3/${path}`,
});
/** A resource with its link. */
export const entity = <T extends { id: string }>(ctx: IdentityCtx, kind: string, fields: T) => ({
  ...fields,
  links: linked(ctx, `${kind}/${fields.id}`),
});

/** Parameters that every endpoint reads and a token in the query: links do not repeat them. */
const NOT_REPEATED = new Set(['X-Auth-Token', 'format']);
/** The link of the next page, with the filters of this one. */
const nextLink = (ctx: IdentityCtx, path: string, { limit, marker: _, ...filters }: Query, marker: string): string => {
  const query = new URLSearchParams({ limit: String(limit), marker });
  for (const [name, value] of Object.entries(filters as Record<string, string | boolean | undefined>))
    if (value !== undefined && !NOT_REPEATED.has(name)) query.append(name, String(value));
  return `${linked(ctx, path).self}?${query.toString()}`;
};
/**
 * A page of v3, with a link to the next page if there is one.
 * @param key of the list in the answer
 * @param path below the root of v3
 * @param page.rows one more than `query.limit` when there are more
 */
export const pageOf = <K extends string, R, V>(
  ctx: IdentityCtx,
  key: K,
  path: string,
  {
    query,
    rows,
    markerOf,
    view,
  }: { query: Query; rows: readonly R[]; markerOf: (row: R) => string; view: (row: R) => V },
): Record<string, unknown> => {
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  const more = rows.length > items.length && last !== undefined;
  return {
    [key]: items.map(view),
    links: { ...linked(ctx, path), next: more ? nextLink(ctx, path, query, markerOf(last)) : null, previous: null },
  };
};
/** A page of a list that is in memory as a whole. @throws invalid marker.unknown */
export const wholeList = <K extends string, T extends { id: string }>(
  ctx: IdentityCtx,
  key: K,
  path: string,
  query: Query,
  all: readonly T[],
): Record<string, unknown> => {
  const at = query.marker === undefined ? 0 : all.findIndex((entry) => entry.id === query.marker) + 1;
  if (query.marker !== undefined && at === 0) throw bad('marker.unknown');
  const rows = all.slice(at, at + query.limit + 1);
  return pageOf(ctx, key, path, { query, rows, markerOf: (entry) => entry.id, view: (entry) => entry });
};
/** Filters a list in memory. A filter that is undefined matches everything. */
export const matching = <T extends object>(entries: readonly T[], filters: Partial<Record<keyof T, unknown>>): T[] =>
  entries.filter((entry) =>
    Object.entries(filters).every(([key, value]) => value === undefined || entry[key as keyof T] === value),
  );
