import { bad } from '../../access/domain/errors.js';
import type { IdentityCtx } from '../../ctx.js';

/** Lists and links of v3 (contract identity §12.1). */
type Query = Readonly<Record<string, unknown>> & { limit: number; marker?: string | undefined };
export const linked = (ctx: IdentityCtx, path: string): { self: string } => ({
  self: `${ctx.settings.publicUrl}/identity/v3/${path}`,
});
export const entity = <T extends { id: string }>(ctx: IdentityCtx, kind: string, one: T) => ({
  ...one,
  links: linked(ctx, `${kind}/${one.id}`),
});

/** Read by every endpoint, or a token: no part of what is asked for. */
const ASIDE = new Set(['X-Auth-Token', 'format']);
/** The next page is asked for as this one was. */
const nextOf = (ctx: IdentityCtx, path: string, { limit, marker: _, ...filters }: Query, marker: string): string => {
  const query = new URLSearchParams({ limit: String(limit), marker });
  for (const [name, value] of Object.entries(filters as Record<string, string | boolean | undefined>))
    if (value !== undefined && !ASIDE.has(name)) query.append(name, String(value));
  return `${linked(ctx, path).self}?${query.toString()}`;
};
/** A page that was read one longer than asked for, so that it is known whether more follows. `view` is asked only for what is shown. */
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
    links: { ...linked(ctx, path), next: more ? nextOf(ctx, path, query, markerOf(last)) : null, previous: null },
  };
};
/** A page of a list that is in memory whole. @throws invalid marker.unknown */
export const wholeList = <K extends string, T extends { id: string }>(
  ctx: IdentityCtx,
  key: K,
  path: string,
  query: Query,
  all: readonly T[],
): Record<string, unknown> => {
  const at = query.marker === undefined ? 0 : all.findIndex((one) => one.id === query.marker) + 1;
  if (query.marker !== undefined && at === 0) throw bad('marker.unknown');
  const rows = all.slice(at, at + query.limit + 1);
  return pageOf(ctx, key, path, { query, rows, markerOf: (one) => one.id, view: (one) => one });
};
/** Of things in memory, those that have what the query asks for. A filter that is not given is passed by everything. */
export const matching = <T extends object>(all: readonly T[], wanted: Partial<Record<keyof T, unknown>>): T[] =>
  all.filter((one) =>
    Object.entries(wanted).every(([key, value]) => value === undefined || one[key as keyof T] === value),
  );
