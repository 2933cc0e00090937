import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { allTexts, queryBoolean, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { queryInstant } from '../../facade/api/times.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { projectOfWire } from '../../facade/project-ids.js';
import type { Condition } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { NOT_DELETED } from '../domain/servers.js';
import { statesWith } from '../server-states.js';
import { demandKnownQuery } from './newer-fields.js';

/** What a list of servers can be asked for; other names are ignored below 2.75 (contract compute §12.2). */
const KNOWN = [
  'limit', 'marker', 'sort_key', 'sort_dir', 'name', 'status', 'flavor', 'image', 'ip', 'ip6', 'host', 'uuid',
  'all_tenants', 'project_id', 'tenant_id', 'user_id', 'deleted', 'changes-since', 'changes-before', 'locked', 'tags',
  'tags-any', 'not-tags', 'not-tags-any', 'vm_state', 'task_state', 'power_state', 'availability_zone', 'key_name',
  'config_drive', 'reservation_id', 'display_name', 'description', 'hostname', 'node', 'created_at', 'launched_at',
  'terminated_at', 'progress', 'access_ip_v4', 'access_ip_v6', 'soft_deleted', 'launch_index', 'image_ref',
  'kernel_id', 'ramdisk_id', 'display_description', 'locked_by', 'root_device_name', 'auto_disk_config',
  'block_device_mapping', 'services', 'metadata', 'system_metadata', 'info_cache', 'security_groups', 'pci_devices',
]; // prettier-ignore
/** @throws Fault invalid: from 2.75 an unknown name */
export const demandKnownFilters = (ctx: ComputeRequest, query: FaceQuery): void => demandKnownQuery(ctx, query, KNOWN);

/** Sort keys of before there were schemas: they are passed over below 2.75 and refused from there on. */
const OLD_SORT_KEYS = [
  'architecture', 'cell_name', 'cleaned', 'default_ephemeral_device', 'default_swap_device', 'deleted', 'deleted_at',
  'disable_terminate', 'ephemeral_gb', 'ephemeral_key_uuid', 'key_data', 'launched_on', 'memory_mb', 'os_type',
  'reservation_id', 'root_gb', 'shutdown_terminate', 'user_data', 'vcpus', 'vm_mode',
]; // prettier-ignore
export const ignoredSortKeys = (ctx: ComputeRequest): ReadonlySet<string> =>
  new Set(since(ctx, 75) ? [] : [...OLD_SORT_KEYS, ...(since(ctx, 73) ? [] : ['locked'])]);

const LONGEST_PATTERN = 255;
/** `a{3,40}` is compiled as forty copies, and inside of another one as many more. */
const MOST_COPIES = 1000;
const copiesIn = (text: string): number =>
  [...text.matchAll(/\{(\d{1,9})(?:,(\d{0,9}))?\}/g)].reduce(
    (all, [, least = '0', most]) => all * Math.max(1, Number(least), Number(most ?? 0)),
    1,
  );
/**
 * A regular expression for PostgreSQL. Back-references are refused, since they can take for ever, and what is large
 * once it is compiled. @throws Fault invalid
 */
const pattern = (name: string, text: string): string => {
  if (text.length > LONGEST_PATTERN || /\\[1-9]/.test(text) || copiesIn(text) > MOST_COPIES)
    throw faceFault(
      'invalid',
      `Invalid input for query parameters ${name}: the expression is too long, refers back or repeats too much.`,
    );
  return text;
};
const PATTERNS = ['name', 'ip', 'ip6', 'display_name', 'description', 'display_description', 'hostname'];
/** Whether a request has regular expressions. */
export const hasPatterns = (query: FaceQuery): boolean => PATTERNS.some((name) => allTexts(query, name).length > 0);
const instantOf = (name: string, text: string): string => {
  const found = queryInstant(text);
  if (found === undefined)
    throw faceFault(
      'invalid',
      `Invalid input for query parameters ${name}. Value: ${text.slice(0, 100)}. It is not a 'date-time'`,
    );
  return found;
};
const byStatus = (ctx: ComputeRequest, text: string): Condition => {
  const found = statesWith(text.toUpperCase());
  if (!found.length) {
    if (since(ctx, 38)) throw faceFault('invalid', 'Invalid status value');
    return NONE;
  }
  const values: unknown[] = [];
  const parts = found.map(({ vmState, tasks, except }) => {
    values.push(vmState, tasks ?? except);
    return tasks
      ? `(i.vm_state = $::text and i.task_state = any($::text[]))`
      : `(i.vm_state = $::text and (i.task_state = any($::text[])) is not true)`;
  });
  return { sql: parts.join(' or '), values };
};
const words = (text: string): string[] => text.split(',').slice(0, 50);
const NONE: Condition = { sql: 'false', values: [] };
type Make = (text: string, ctx: ComputeRequest) => Condition;
const equal =
  (column: string, cast: string): Make =>
  (text) => ({ sql: `${column} = $::${cast}`, values: [text] });
const byId =
  (column: string): Make =>
  (text) =>
    UUID.test(text) ? { sql: `${column} = $::uuid`, values: [text] } : NONE;
const byPattern =
  (name: string, column: string): Make =>
  (text) => ({ sql: `${column} ~ $::text`, values: [pattern(name, text)] });
const byAddress: Make = (text) => ({
  sql: `exists (select from jsonb_array_elements(i.addresses) a where a ->> 'addr' ~ $::text)`,
  values: [pattern('ip', text)],
});
const FILTERS: Readonly<Record<string, Make>> = {
  name: byPattern('name', 'i.name'),
  flavor: byId('i.flavor_id'),
  image: byId('i.image_id'),
  uuid: byId('i.id'),
  ip: byAddress,
  ip6: byAddress,
  reservation_id: equal('s.reservation_id', 'text'),
  key_name: equal('s.key_name', 'text'),
  availability_zone: equal('i.region_id', 'text'),
  'changes-since': (text) => ({ sql: 'i.updated_at >= $::timestamptz', values: [instantOf('changes-since', text)] }),
};
/** For administrators only; others' are ignored, as Nova does. */
const ADMIN_FILTERS: Readonly<Record<string, Make>> = {
  host: equal('i.host_name', 'text'),
  node: equal('i.host_name', 'text'),
  display_name: byPattern('display_name', 'i.name'),
  description: byPattern('description', 'i.description'),
  display_description: byPattern('display_description', 'i.description'),
  hostname: byPattern('hostname', 's.hostname'),
};
/** For everybody from 2.83 on, and for administrators before. */
const USER_FILTERS: Readonly<Record<string, Make>> = {
  vm_state: equal('i.vm_state', 'text'),
  task_state: equal('i.task_state', 'text'),
  user_id: equal('s.user_id', 'text'),
  power_state: (text) => (/^\d$/.test(text) ? { sql: 'i.power_state = $::int', values: [Number(text)] } : NONE),
  config_drive: (text) => ({
    sql: `coalesce(s.config_drive, false) = $::boolean`,
    values: [/^(true|t|yes|y|on|1)$/i.test(text)],
  }),
};
const NEW_FILTERS: readonly (readonly [minor: number, name: string, make: Make])[] = [
  [26, 'tags', (text) => ({ sql: 'i.tags @> $::text[]', values: [words(text)] })],
  [26, 'tags-any', (text) => ({ sql: `i.tags <> '{}' and i.tags && $::text[]`, values: [words(text)] })],
  [26, 'not-tags', (text) => ({ sql: 'not (i.tags @> $::text[])', values: [words(text)] })],
  [26, 'not-tags-any', (text) => ({ sql: 'not (i.tags && $::text[])', values: [words(text)] })],
  [
    66,
    'changes-before',
    (text) => ({ sql: 'i.updated_at <= $::timestamptz', values: [instantOf('changes-before', text)] }),
  ],
];

/** Whether servers of all projects are asked for. @throws Fault invalid */
export const wantsAll = (query: FaceQuery): boolean =>
  queryText(query, 'all_tenants') === '' || (queryBoolean(query, 'all_tenants') ?? false);

/** The filters of a request as conditions. @throws Fault invalid */
export const serverFilters = (ctx: ComputeRequest, query: FaceQuery, all: boolean): Condition[] => {
  const { admin } = scopeOf(ctx);
  const given = (name: string): string[] => allTexts(query, name).filter((text) => text !== '');
  const found: Condition[] = [];
  const more = { ...FILTERS, ...(admin && ADMIN_FILTERS), ...((admin || since(ctx, 83)) && USER_FILTERS) };
  // Of several the last counts, as Nova has it; each expression costs for every server.
  for (const [name, make] of Object.entries(more))
    for (const text of given(name).slice(-1)) found.push(make(text, ctx));
  for (const [minor, name, make] of NEW_FILTERS)
    if (since(ctx, minor)) for (const text of given(name).slice(-1)) found.push(make(text, ctx));
  const statuses = given('status');
  if (statuses.length) {
    const parts = statuses.slice(0, 20).map((text) => byStatus(ctx, text));
    found.push({ sql: parts.map((one) => `(${one.sql})`).join(' or '), values: parts.flatMap(({ values }) => values) });
  }
  if (since(ctx, 73)) {
    const locked = queryBoolean(query, 'locked');
    if (locked !== undefined) found.push({ sql: `i.locked_by is ${locked ? 'not ' : ''}null`, values: [] });
  }
  if (all)
    for (const name of ['project_id', 'tenant_id'])
      for (const text of given(name).slice(-1))
        found.push({ sql: 'i.project_id = $::text', values: [projectOfWire(text) ?? ''] });
  return [...found, ...deletedOnes(query, admin)];
};
/** Deleted servers are seen by those who ask what has changed; by themselves only administrators ask for them. */
const deletedOnes = (query: FaceQuery, admin: boolean): Condition[] => {
  const deleted = queryBoolean(query, 'deleted') ?? false;
  if (deleted && admin) return [{ sql: `i.vm_state = 'deleted'`, values: [] }];
  return allTexts(query, 'changes-since').length ? [] : [NOT_DELETED];
};
