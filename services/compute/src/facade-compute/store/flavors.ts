import { columns, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { flavors, type Flavor } from '../../catalog/tables.js';
import { flavorsUsableBy } from '../../catalog/usable-sql.js';
import { keysetPage, type KeysetPage, type KeysetRequest, type KeysetSpec } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';

const SHOWN = [
  'id',
  'name',
  'description',
  'vcpus',
  'memoryMb',
  'rootGb',
  'ephemeralGb',
  'swapMb',
  'properties',
  'isPublic',
  'disabled',
] as const;
export type FlavorRow = Pick<Flavor, (typeof SHOWN)[number]>;
const spec: KeysetSpec = {
  select: columns(flavors, 'f', SHOWN),
  from: 'flavor f',
  keys: {
    flavorid: { sql: 'f.id', type: 'uuid' },
    name: { sql: 'f.name', type: 'text' },
    memory_mb: { sql: 'f.memory_mb', type: 'int' },
    vcpus: { sql: 'f.vcpus', type: 'int' },
    root_gb: { sql: 'f.root_gb', type: 'int' },
  },
  id: { sql: 'f.id', type: 'uuid' },
};
export const flavorSortKey = (name: string): string | undefined => {
  const key = { id: 'flavorid', ram: 'memory_mb', disk: 'root_gb' }[name] ?? name;
  return Object.hasOwn(spec.keys, key) ? key : undefined;
};
/** @param clientIds who must be able to use them; null: all flavors */
const scopeOf = (clientIds: readonly number[] | null): Condition[] => (clientIds ? [flavorsUsableBy(clientIds)] : []);
export const pageOfFlavors = (
  q: Queryable,
  request: KeysetRequest,
  clientIds: readonly number[] | null,
): Promise<KeysetPage<FlavorRow> | 'no_marker'> => keysetPage<FlavorRow>(q, spec, request, scopeOf(clientIds));
export const findFlavor = async (
  q: Queryable,
  id: string,
  clientIds: readonly number[] | null,
): Promise<FlavorRow | undefined> => {
  const page = await pageOfFlavors(
    q,
    { limit: 1, marker: undefined, sort: [], conditions: [{ sql: 'f.id = $::uuid', values: [id] }] },
    clientIds,
  );
  return page === 'no_marker' ? undefined : page.rows[0];
};
export interface LockedFlavor extends Pick<Flavor, 'properties' | 'isPublic'> {
  projectIds: string[];
}
/** What of a flavor is changed by reading it first: locked until the transaction ends. SQL: a lock. */
export const lockSpecs = async (tx: Tx, id: string): Promise<LockedFlavor | undefined> =>
  (
    await sql<LockedFlavor>(
      tx,
      `select f.properties, f.is_public "isPublic",
        array(select p.project_id from flavor_project p where p.flavor_id = f.id order by 1 limit 1000) "projectIds"
      from flavor f where f.id = $1 for update`,
      [id],
    )
  )[0];
