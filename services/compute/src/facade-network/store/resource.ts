import { type Queryable } from '@nefos/service-kit';
import { idsOfClients } from '../../catalog/visible-sql.js';
import { keysetPage, type KeysetPage, type KeysetRequest, type KeysetSpec } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';

// What the lists of all resources of the network API have in common.

/** How an attribute is filtered by: its SQL, and the type that a value must have. */
export interface FilterField {
  sql: string;
  /** `device`: a uuid; an empty text is none. `prefix`: a network, named by any address in it. */
  type: 'text' | 'uuid' | 'boolean' | 'int' | 'project' | 'device' | 'ip' | 'cidr' | 'prefix';
  /** Only administrators are shown the attribute, so only they may ask by it. */
  staff?: true;
}
export interface ResourceStore {
  spec: KeysetSpec;
  filters: Readonly<Record<string, FilterField>>;
  /** What a caller sees, in parts that have no row in common: of these clients' projects; null: everything. */
  scope: (clientIds: readonly number[] | null) => Condition[];
}
/** Labels as every resource has them; the row is x. */
export const LABEL = `coalesce(l.description, '') description, coalesce(l.tags, '{}') tags,
  coalesce(l.revision, 0) revision`;
export const LABELLED = 'left join network_label l on l.id = x.id';
export const key = (sql: string, type = 'text') => ({ sql, type });
export const id = key('x.id', 'uuid');
export const field = (sql: string, type: FilterField['type'] = 'text'): FilterField => ({ sql, type });
/** What the projects of these clients have of a table. */
export const ofProjects =
  (table: string, x = 'x') =>
  (clientIds: readonly number[] | null): Condition[] =>
    clientIds ? [idsOfClients(table, clientIds, x)] : [];
export const common = {
  id: field('x.id', 'uuid'),
  name: field('x.name'),
  description: field(`coalesce(l.description, '')`),
  project_id: field('x.project_id', 'project'),
  tenant_id: field('x.project_id', 'project'),
  revision_number: field('coalesce(l.revision, 0)', 'int'),
} as const;
export const TIMES = `x.created_at "createdAt", coalesce(l.updated_at, x.created_at) "updatedAt"`;
export const times = {
  created_at: key('x.created_at', 'timestamptz'),
  updated_at: key('coalesce(l.updated_at, x.created_at)', 'timestamptz'),
} as const;
export const named = {
  id,
  name: key('x.name'),
  status: key('x.status'),
  project_id: key(`coalesce(x.project_id, '')`),
  ...times,
} as const;

/** What no thing has: nothing is found by it. */
export const NONE = field('null::text');

export const pageOf = <Row extends object>(
  q: Queryable,
  { spec, scope }: ResourceStore,
  request: KeysetRequest,
  clientIds: readonly number[] | null,
): Promise<KeysetPage<Row> | 'no_marker'> => keysetPage<Row>(q, spec, request, [], { parts: scope(clientIds) });
