import { compute } from '@nefos/contracts';
import type { Request } from 'express';
import type { ComputeRequest } from '../../ctx.js';
import { publicUrl, queryWith } from '../../facade/api/links.js';
import {
  allTexts,
  booleanOf,
  isDescending,
  queryBoolean,
  queryLimit,
  queryText,
  type FaceQuery,
} from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { projectOfWire } from '../../facade/project-ids.js';
import type { KeysetRequest, SortKey } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import type { FilterField, ResourceStore } from '../domain/resources.js';
import { networkAround } from './values.js';

const CONTROL = new Set(['limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir', 'fields']);
const bad = (message: string) => faceFault('invalid', message, 'HTTPBadRequest');

/** Values in the spelling that they are kept in. */
const known = <T>(texts: readonly string[], read: (text: string) => T | undefined): T[] =>
  texts.flatMap((one) => read(one) ?? []);
/** One of several values; what can not be a value of the attribute matches nothing. */
const condition = ({ sql, type }: FilterField, texts: readonly string[]): Condition => {
  const any = (values: readonly unknown[], cast: string): Condition =>
    values.length ? { sql: `${sql} = any($::${cast}[])`, values: [values] } : { sql: 'false', values: [] };
  switch (type) {
    case 'uuid':
      return any(
        texts.filter((one) => UUID.test(one)),
        'uuid',
      );
    case 'device': {
      const ids = texts.filter((one) => UUID.test(one));
      return texts.includes('')
        ? { sql: `${sql} is null or ${sql} = any($::uuid[])`, values: [ids] }
        : any(ids, 'uuid');
    }
    case 'boolean':
      return any(known(texts, booleanOf), 'boolean');
    case 'int':
      return any(texts.filter((one) => /^\d{1,9}$/.test(one)).map(Number), 'int');
    case 'project':
      return any(known(texts, projectOfWire), 'text');
    case 'ip':
      return any(known(texts, compute.canonicalIp), 'text');
    case 'cidr':
      return any(known(texts, compute.canonicalCidr), 'text');
    case 'prefix':
      return any(known(texts, networkAround), 'text');
    case 'text':
      return any(texts, 'text');
  }
};
const TAGS: Readonly<Record<string, string>> = {
  tags: `coalesce(l.tags, '{}') @> $::text[]`,
  'tags-any': `coalesce(l.tags, '{}') && $::text[]`,
  'not-tags': `not (coalesce(l.tags, '{}') @> $::text[])`,
  'not-tags-any': `not (coalesce(l.tags, '{}') && $::text[])`,
};
/** `fixed_ips=ip_address%3D10.0.0.5` and `fixed_ips=subnet_id%3D<id>`, of ports. */
const byFixedIp = (text: string): Condition => {
  const [name, value = ''] = text.split('=');
  const at = 'x.id in (select a.port_id from network_address a where';
  const address = name === 'ip_address' ? compute.canonicalIp(value) : undefined;
  if (address !== undefined)
    return { sql: `${at} a.address = $::inet) or x.address = $::inet`, values: [address, address] };
  if (name === 'ip_address_substr')
    return {
      sql: `${at} strpos(host(a.address), $::text) > 0) or strpos(host(x.address), $::text) > 0`,
      values: [value, value],
    };
  if (name === 'subnet_id' && UUID.test(value))
    return { sql: `${at} a.subnet_id = $::uuid) or x.subnet_id = $::uuid`, values: [value, value] };
  return { sql: 'false', values: [] };
};
const special = (name: string, texts: readonly string[]): Condition[] | undefined => {
  const tags = Object.hasOwn(TAGS, name) ? TAGS[name] : undefined;
  if (tags !== undefined) return texts.map((text) => ({ sql: tags, values: [text.split(',').slice(0, 50)] }));
  if (name === 'fixed_ips') return texts.map(byFixedIp);
  if (name === 'security_group_ids' || name === 'security_groups')
    return texts.map((text) =>
      UUID.test(text)
        ? {
            sql: 'exists (select from port_security_group p where p.port_id = x.id and p.security_group_id = $::uuid)',
            values: [text],
          }
        : { sql: 'false', values: [] },
    );
  return undefined;
};
/** Whose list it is, and of what. */
interface Listed {
  admin: boolean;
  isPort: boolean;
}
const filters = (query: FaceQuery, { filters: all }: ResourceStore, { admin, isPort }: Listed): Condition[] =>
  Object.keys(query).flatMap((name) => {
    if (CONTROL.has(name)) return [];
    const texts = allTexts(query, name).slice(0, 100);
    const field = Object.hasOwn(all, name) ? all[name] : undefined;
    if (field && (admin || !field.staff)) return [condition(field, texts)];
    const made = isPort || name.includes('tags') ? special(name, texts) : undefined;
    // An answer must not hold what was not asked for: an unknown filter is refused, not passed over.
    if (!made) throw bad(`['${name.slice(0, 100)}'] is invalid attribute for filtering`);
    return made;
  });
const sortOf = (query: FaceQuery, { spec: { keys } }: ResourceStore): SortKey[] => {
  const dirs = allTexts(query, 'sort_dir');
  return allTexts(query, 'sort_key')
    .slice(0, 5)
    .map((key, i) => {
      const refuse = (dir: string) => bad(`The value of sort_dir is asc or desc, not ${dir}`);
      if (!Object.hasOwn(keys, key)) throw bad(`['${key.slice(0, 100)}'] is invalid attribute for sort_keys`);
      return { key, descending: isDescending(dirs[i] ?? 'asc', refuse) };
    });
};
/** A list by marker as Neutron takes it. @throws Fault invalid */
export const listRequest = (
  query: FaceQuery,
  store: ResourceStore,
  listed: Listed,
): KeysetRequest & { back: boolean } => {
  const marker = queryText(query, 'marker');
  if (marker !== undefined && !UUID.test(marker)) throw bad(`The marker '${marker.slice(0, 100)}' is not there`);
  const back = queryBoolean(query, 'page_reverse') ?? false;
  const sort = sortOf(query, store);
  return {
    limit: queryLimit(query) || 1000,
    marker,
    back,
    sort: back ? turned(sort) : sort,
    conditions: filters(query, store, listed),
  };
};
/** The other way round; without an order it is that of the ids. */
const turned = (sort: readonly SortKey[]): SortKey[] =>
  sort.length
    ? sort.map(({ key, descending }) => ({ key, descending: !descending }))
    : [{ key: 'id', descending: true }];

/** Only what `fields` names, where it is given. */
export const withFields = (query: FaceQuery, view: Record<string, unknown>): Record<string, unknown> => {
  const fields = allTexts(query, 'fields').flatMap((one) => one.split(','));
  return fields.length ? Object.fromEntries(Object.entries(view).filter(([name]) => fields.includes(name))) : view;
};
/**
 * The ways to the pages beside this one. Without a `limit` as well: a list ends at a bound of its own then, and what is
 * behind it must not be passed over in silence.
 * @param page.more whether there are rows behind these, in the direction of reading
 */
export const pageLinks = (
  ctx: ComputeRequest,
  req: Request,
  { path, rows, more, back }: { path: string; rows: readonly { id: string }[]; more: boolean; back: boolean },
): { rel: string; href: string }[] => {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return [];
  const href = (marker: string, reverse: boolean): string =>
    `${publicUrl(ctx, path)}?${queryWith(req, { marker, page_reverse: reverse ? 'True' : undefined })}`;
  // Who came from a marker has its row on the other side.
  const came = Object.hasOwn(req.query, 'marker');
  return [
    ...((back ? came : more) ? [{ rel: 'next', href: href(last.id, false) }] : []),
    ...((back ? more : came) ? [{ rel: 'previous', href: href(first.id, true) }] : []),
  ];
};
