import { Fault } from '@nefos/service-kit';
import { shown } from '../../values.js';
import { truthOf } from './node-values.js';
import { uuidOf } from './refs.js';

/** @throws Fault invalid query.value, with the text */
export const refuseQuery = (message: string): never => {
  throw new Fault('invalid', 'query.value', { message });
};
export type Query = Readonly<Partial<Record<string, string>>>;
export interface Paging {
  limit: number;
  marker: string | undefined;
  sortKey: string;
  descending: boolean;
}
/** An integer is read as Python reads it. */
const integerOf = (name: string, value: string): number => {
  const text = value.trim();
  return /^[+-]?\d{1,300}$/.test(text) ? Number(text) : refuseQuery(`Expected an integer for ${name}: ${shown(value)}`);
};
export const flagOf = (name: string, value: string | undefined): boolean | undefined =>
  value === undefined
    ? undefined
    : (truthOf(value) ?? refuseQuery(`Invalid ${name}: Unrecognized value '${shown(value)}'`));
export const uuidIn = (name: string, value: string | undefined): string | undefined =>
  value === undefined ? undefined : (uuidOf(value) ?? refuseQuery(`Expected UUID for ${name}: ${shown(value)}`));
/** @throws Fault invalid query.value */
export const readPaging = (query: Query, maximum: number): Paging => {
  const limit = query.limit === undefined ? maximum : integerOf('limit', query.limit);
  if (limit <= 0) refuseQuery('Limit must be positive');
  const { sort_dir: direction = 'asc' } = query;
  if (direction !== 'asc' && direction !== 'desc')
    refuseQuery(`Invalid sort direction: ${shown(direction)}. Acceptable values are 'asc' or 'desc'`);
  return {
    limit: Math.min(limit, maximum),
    marker: uuidIn('marker', query.marker),
    sortKey: query.sort_key ?? 'id',
    descending: direction === 'desc',
  };
};
/** The names of a list such as `fields=uuid,name`. */
export const namesOf = (list: string | undefined): string[] | undefined =>
  list === undefined
    ? undefined
    : [
        ...new Set(
          list
            .split(',')
            .map((one) => one.trim())
            .filter(Boolean),
        ),
      ];
interface Choice {
  version: number;
  /** The fields that there are, with the version of each. */
  known: Readonly<Record<string, number>>;
  /** What a list shows of each; absent: all. */
  brief?: readonly string[];
}
/**
 * The fields that an answer has.
 * @throws Fault invalid query.value; not_acceptable version.old, version.field
 */
export const readFields = (query: Query, { version, known, brief }: Choice): string[] => {
  const asked = namesOf(query.fields);
  const detail = flagOf('detail', query.detail);
  const visible = Object.keys(known).filter((name) => (known[name] as number) <= version);
  if (asked !== undefined && version < 8) throw new Fault('not_acceptable', 'version.field');
  if (detail !== undefined && version < 43)
    refuseQuery('Invalid query parameter ?detail=... received: it needs version 1.43');
  if (asked?.length && detail) refuseQuery("Can't fetch a subset of fields with 'detail' set");
  if (!asked?.length) return detail || !brief ? visible : visible.filter((name) => brief.includes(name));
  const unknown = asked.filter((name) => name !== 'links' && !Object.hasOwn(known, name));
  if (unknown.length) refuseQuery(`Field(s) "${unknown.map(shown).slice(0, 10).join(', ')}" are not valid`);
  if (asked.some((name) => name !== 'links' && !visible.includes(name)))
    throw new Fault('not_acceptable', 'version.field');
  return asked;
};
