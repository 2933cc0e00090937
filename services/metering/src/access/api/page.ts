import { rowsOf, wholeNumber } from '@nefos/contracts';
import type { Request } from 'express';
import type { Page } from '../../page.js';

const DEFAULT = 10;
const MOST = 100;
export interface PageQuery {
  limit?: string | undefined;
  offset?: string | undefined;
}

/** Never an error: a value that is not a positive number means the default (contract metering §3). */
export const pageOf = ({ limit, offset }: PageQuery): Page => ({
  limit: rowsOf(limit, MOST) ?? DEFAULT,
  offset: Math.max(0, wholeNumber(offset) ?? 0),
});

/** As Python's quote_plus: letters, digits and `_.-~` stay, a blank is `+`. */
const encode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * `path` with all parameters of the request, sorted by name, also repeated and blank ones; without an undefined
 * `offset`.
 */
const linkOf = (
  path: string,
  sent: ReadonlyMap<string, readonly string[]>,
  limit: number,
  offset: number | undefined,
): string => {
  const all = new Map(sent).set('limit', [String(limit)]);
  if (offset === undefined) all.delete('offset');
  else all.set('offset', [String(offset)]);
  const names = [...all.keys()].sort(byCodePoint);
  const pairs = names.flatMap((name) => (all.get(name) ?? []).map((value) => `${encode(name)}=${encode(value)}`));
  return `${path}?${pairs.join('&')}`;
};
const parametersOf = (req: Request): Map<string, string[]> => {
  const out = new Map<string, string[]>();
  const at = req.url.indexOf('?');
  for (const [name, value] of new URLSearchParams(at < 0 ? '' : req.url.slice(at))) {
    const known = out.get(name);
    if (known) known.push(value);
    else out.set(name, [value]);
  }
  return out;
};

export interface Links {
  first: string;
  next: string | null;
  previous: string | null;
  last: string;
}
/**
 * Links of a page; `previous` drops the offset on reaching the first page, `last` is not aligned (contract metering
 * §3).
 */
export const linksOf = (req: Request, { limit, offset }: Page, count: number): Links => {
  const sent = parametersOf(req);
  const to = (at: number | undefined): string => linkOf(`/api/cloudigrade${req.path}`, sent, limit, at);
  return {
    first: to(0),
    next: offset + limit >= count ? null : to(offset + limit),
    previous: offset <= 0 ? null : to(offset - limit > 0 ? offset - limit : undefined),
    last: to(Math.max(0, count - limit)),
  };
};
/** The envelope, members in the documented order. */
export const envelope = <T, V>(
  req: Request,
  page: Page,
  { count, rows }: { count: number; rows: readonly T[] },
  view: (row: T) => V,
) => ({ meta: { count }, links: linksOf(req, page, count), data: rows.map(view) });
