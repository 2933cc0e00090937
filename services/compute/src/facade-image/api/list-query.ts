import { compute } from '@nefos/contracts';
import { allTexts, isDescending, queryBoolean, queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { readInstant } from '../../facade/api/times.js';
import { projectOfWire } from '../../facade/project-ids.js';
import type { KeysetRequest, SortKey } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { isImageSortKey, type ImageScope } from '../domain/images.js';

const bad = (message: string) => faceFault('invalid', message);

/** `in:a,b` is one of several; a value may be in quotation marks. */
const oneOf = (text: string): string[] =>
  text.startsWith('in:')
    ? [...text.slice(3).matchAll(/"([^"]*)"|([^,]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(0, 500)
    : [text];
type Make = (text: string) => Condition;
const among =
  (column: string, cast = 'text'): Make =>
  (text) => ({ sql: `${column} = any($::${cast}[])`, values: [oneOf(text)] });
const number =
  (sql: string): Make =>
  (text) => {
    if (!/^\d{1,18}$/.test(text)) throw bad(`Invalid filter value ${text.slice(0, 100)}: it is no number.`);
    return { sql, values: [text] };
  };
const flag =
  (column: string): Make =>
  (text) => {
    if (!/^(true|false)$/i.test(text)) throw bad(`Invalid filter value ${text.slice(0, 100)}: true or false.`);
    return { sql: `${column} = $::boolean`, values: [/^true$/i.test(text)] };
  };
const AT = 'to_timestamp($::float8)';
/** By operator, of a column and the whole seconds at and behind the time that is named. */
const TIMES: Readonly<Record<string, (column: string, at: number, behind: number) => Condition>> = {
  gt: (column, _at, behind) => ({ sql: `${column} >= ${AT}`, values: [behind] }),
  gte: (column, at) => ({ sql: `${column} >= ${AT}`, values: [at] }),
  lt: (column, at) => ({ sql: `${column} < ${AT}`, values: [at] }),
  lte: (column, _at, behind) => ({ sql: `${column} < ${AT}`, values: [behind] }),
  eq: (column, at, behind) => ({ sql: `${column} >= ${AT} and ${column} < ${AT}`, values: [at, behind] }),
  neq: (column, at, behind) => ({ sql: `${column} < ${AT} or ${column} >= ${AT}`, values: [at, behind] }),
};
/**
 * `gt:2026-01-01T00:00:00Z`; without an operator: equal. Images show whole seconds, by which they are compared; the
 * column is left as it is, for its index.
 */
const time =
  (column: string): Make =>
  (text) => {
    const [, word = 'eq', given = text] = /^(gt|gte|lt|lte|eq|neq):(.*)$/.exec(text) ?? [];
    const found = readInstant(given);
    if (!found) throw bad(`Bad "${column.slice(2)}" query filter format. Use ISO 8601 DateTime format.`);
    const whole = Math.floor(found.ms / 1000);
    const at = /\.\d*[1-9]/.test(found.text) ? whole + 1 : whole;
    return (TIMES[word] as (typeof TIMES)[string])(column, at, whole + 1);
  };
const FILTERS: Readonly<Record<string, Make>> = {
  id: (text) => ({ sql: 'm.id = any($::uuid[])', values: [oneOf(text).filter((one) => UUID.test(one))] }),
  name: among('m.name'),
  status: among('m.status'),
  container_format: among('m.container_format'),
  disk_format: among('m.disk_format'),
  owner: (text) => ({ sql: 'm.project_id = $::text', values: [projectOfWire(text) ?? ''] }),
  tag: (text) => ({ sql: `m.tags <> '{}' and m.tags @> $::text[]`, values: [[text]] }),
  size_min: number('m.size >= $::bigint'),
  size_max: number('m.size <= $::bigint'),
  min_disk: number('m.min_disk = $::bigint'),
  min_ram: number('m.min_ram = $::bigint'),
  protected: flag('m.protected'),
  os_hidden: flag('m.hidden'),
  created_at: time('m.created_at'),
  updated_at: time('m.updated_at'),
  os_distro: among('m.os_distro'),
  os_version: among('m.os_version'),
  architecture: among('m.architecture'),
  hypervisor_type: among('m.hypervisor_type'),
};
const CONTROL = new Set(['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'member_status', 'visibility']);
/** A name that is no attribute is a property. */
const conditionsOf = (query: FaceQuery): Condition[] => [
  ...(Object.hasOwn(query, 'os_hidden') ? [] : [{ sql: 'not m.hidden', values: [] }]),
  ...Object.keys(query).flatMap((name) =>
    CONTROL.has(name)
      ? []
      : allTexts(query, name)
          .slice(0, 50)
          .map((text) =>
            Object.hasOwn(FILTERS, name)
              ? (FILTERS[name] as Make)(text)
              : {
                  sql: `m.properties <> '{}' and m.properties @> $::jsonb`,
                  values: [JSON.stringify({ [name]: text })],
                },
          ),
  ),
];
const isVisibility = (text: string): text is NonNullable<ImageScope['visibility']> =>
  text === 'all' || (compute.IMAGE_VISIBILITIES as readonly string[]).includes(text);
const direction = (given = 'desc'): boolean => isDescending(given, (dir) => bad(`Invalid sort direction: ${dir}`));
/** `sort=name:asc,created_at:desc`, or pairs of `sort_key` and `sort_dir`; else the newest first. */
const sortOf = (query: FaceQuery): SortKey[] => {
  const sort = queryText(query, 'sort');
  const keys = allTexts(query, 'sort_key').slice(0, 5);
  if (sort !== undefined && keys.length) throw bad('Old and new sorting syntax cannot be combined');
  const dirs = allTexts(query, 'sort_dir');
  const pairs =
    sort === undefined
      ? keys.map((key, i) => [key, dirs[i] ?? dirs.at(-1)] as const)
      : sort
          .split(',')
          .slice(0, 5)
          .map((one) => one.trim().split(':') as [string, string | undefined]);
  const wrong = pairs.find(([key]) => !isImageSortKey(key));
  if (wrong) throw bad(`Invalid sort key: ${wrong[0].slice(0, 100)}.`);
  return pairs.length
    ? pairs.map(([key, dir]) => ({ key, descending: direction(dir) }))
    : [{ key: 'created_at', descending: direction(dirs[0]) }];
};
const PAGE = 25;
/** A list as Glance takes it: 25 a page, at most 1000. @throws Fault invalid */
export const listRequest = (query: FaceQuery): { request: KeysetRequest; seen: Omit<ImageScope, 'projectId'> } => {
  const marker = queryText(query, 'marker');
  if (marker !== undefined && !UUID.test(marker)) throw bad('Invalid marker format');
  const memberStatus = queryText(query, 'member_status') ?? 'accepted';
  if (!['pending', 'accepted', 'rejected', 'all'].includes(memberStatus))
    throw bad(`Invalid status: ${memberStatus.slice(0, 100)}`);
  queryBoolean(query, 'os_hidden');
  const visibility = queryText(query, 'visibility');
  if (visibility !== undefined && !isVisibility(visibility))
    throw bad(`Invalid visibility value: ${visibility.slice(0, 100)}`);
  return {
    request: {
      limit: queryText(query, 'limit') === undefined ? PAGE : queryLimit(query),
      marker,
      sort: sortOf(query),
      conditions: conditionsOf(query),
    },
    seen: { memberStatus: memberStatus as ImageScope['memberStatus'], visibility },
  };
};
