import { columns, em, run, sql, type NewRow, type Queryable, type Tx, prepared } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { FLAVOR_COLUMNS, FLAVOR_CORE, STOCK_USED, type FlavorColumns, type FlavorCore } from '../flavor-columns.js';
import { flavorProjects, flavors, type Flavor } from '../tables.js';
import { flavorsUsableBy } from '../usable-sql.js';
import { unlessTaken, unlessUsed } from './refusals.js';

export type { Flavor };

/** A flavor with its group, as an instance is created from it. */
export type CreatableFlavor = FlavorCore & Pick<Flavor, 'isPublic' | 'disabled' | 'resellerResourcesId'>;
/** A flavor with its group, its stock and the projects it is granted to. */
export type FlavorWithStock = FlavorColumns &
  Pick<Flavor, 'isPublic' | 'disabled' | 'stockLimit'> & { stockUsed: number; projectIds: string[] };

const CREATABLE = `${FLAVOR_CORE}, f.is_public "isPublic", f.disabled,
  f.reseller_resources_id "resellerResourcesId"`;
const FROM = 'flavor f left join flavor_group g on g.id = f.flavor_group_id';

const flavorList: ListSpec = {
  select: `${FLAVOR_COLUMNS}, f.is_public "isPublic", f.disabled, f.stock_limit "stockLimit",
    ${STOCK_USED}::int "stockUsed",
    array(select p.project_id from flavor_project p where p.flavor_id = f.id order by 1 limit 1000) "projectIds"`,
  from: FROM,
  fields: {
    id: { sql: 'f.id', type: 'uuid' },
    name: { sql: 'f.name', type: 'text' },
    region: { sql: 'f.region_id', type: 'text', plain: true },
    vcpus: { sql: 'f.vcpus', type: 'int' },
    memory_mb: { sql: 'f.memory_mb', type: 'int' },
    root_gb: { sql: 'f.root_gb', type: 'int' },
    flavor_group__id: { sql: 'f.flavor_group_id', type: 'int' },
    priority: { sql: 'coalesce(g.priority, 0)', type: 'int' },
  },
  search: ['f.name', 'f.description'],
  ordering: 'priority,vcpus,memory_mb',
  tie: 'f.id',
};
/** @param scope.clientIds whose view it is; null: everything. @param scope.id only this one */
export const listFlavors = (
  q: Queryable,
  query: Query,
  { clientIds, id }: { clientIds: readonly number[] | null; id?: string },
): Promise<Page<FlavorWithStock>> =>
  pageOf(q, flavorList, query, [
    ...(id === undefined ? [] : [{ sql: 'f.id = $::uuid', values: [id] }]),
    ...(clientIds ? [flavorsUsableBy(clientIds)] : []),
  ]);
/**
 * The flavor for a new instance: it is neither deleted nor changed until the transaction ends. Locks it alone while its
 * stock is limited: otherwise two requests could both count the last one as free. SQL: locks, and the stock is counted.
 */
export const lockFlavor = async (tx: Tx, id: string): Promise<CreatableFlavor | undefined> => {
  const read = async (): Promise<(CreatableFlavor & { isLimited: boolean }) | undefined> =>
    (
      await prepared<CreatableFlavor & { isLimited: boolean }>(
        tx,
        `select ${CREATABLE}, f.stock_limit is not null "isLimited" from ${FROM} where f.id = $1 for key share of f`,
        [id],
      )
    )[0];
  const flavor = await read();
  if (!flavor?.isLimited) return flavor;
  await sql(tx, 'select from flavor where id = $1 for no key update', [id]);
  return read();
};
/** Whether the project may use a flavor that is not public. */
export const isFlavorGrantedTo = (q: Queryable, flavorId: string, projectId: string): Promise<boolean> =>
  em(q).existsBy(flavorProjects, { flavorId, projectId });
const SIZE = ['vcpus', 'memoryMb', 'rootGb', 'ephemeralGb', 'swapMb'] as const;
/** The size of a flavor, whatever else it is. */
export const findFlavorSize = async (
  q: Queryable,
  id: string,
): Promise<Pick<Flavor, (typeof SIZE)[number]> | undefined> =>
  (await sql<Flavor>(q, `select ${columns(flavors, undefined, SIZE)} from flavor where id = $1`, [id]))[0];
/**
 * A flavor of a machine's size that the project may use; of several, one whose disk has the machine's size, then the
 * least by id. SQL: ordered by a computed value.
 */
export const findFlavorOfSize = async (
  q: Queryable,
  regionId: string,
  size: { vcpus: number; memoryMb: number; rootGb: number },
  projectId: string,
): Promise<string | undefined> =>
  (
    await sql<{ id: string }>(
      q,
      `select f.id from flavor f
      where f.region_id = $1 and f.vcpus = $2 and f.memory_mb = $3 and not f.disabled
        and (f.is_public or exists (select from flavor_project p where p.flavor_id = f.id and p.project_id = $5))
        and (f.reseller_resources_id is null or exists (
          select from reseller_resources w join project p on p.id = $5 join service s on s.id = p.service_id
            join client c on c.id = s.client_id
            where w.id = f.reseller_resources_id and w.client_id in (c.id, c.reseller_client_id)))
      order by f.root_gb <> $4, f.id limit 1`,
      [regionId, size.vcpus, size.memoryMb, size.rootGb, projectId],
    )
  )[0]?.id;

/** The hypervisor's own id comes with its catalog. */
export type NewFlavor = Omit<NewRow<typeof flavors>, 'backendId'>;
export type FlavorChanges = Partial<Omit<Flavor, 'id' | 'regionId' | 'backendId'>>;
const unlessNameTaken = unlessTaken('flavor_region_id_name_key', 'name');
/** @throws Fault invalid: the name is taken in its region */
export const insertFlavor = async (tx: Tx, flavor: NewFlavor): Promise<void> => {
  await em(tx)
    .insert(flavors, { ...flavor })
    .catch(unlessNameTaken);
};
/** The flavor, of which no new instance is made until this transaction ends. SQL: locks. */
export const lockWholeFlavor = async (tx: Tx, id: string): Promise<Flavor | undefined> =>
  (await sql<Flavor>(tx, `select ${columns(flavors)} from flavor where id = $1 for update`, [id]))[0];
/** @throws Fault invalid: the name is taken in its region */
export const updateFlavor = async (tx: Tx, id: string, changes: FlavorChanges): Promise<void> => {
  if (Object.keys(changes).length)
    await em(tx)
      .update(flavors, { id }, { ...changes })
      .catch(unlessNameTaken);
};
/** @returns whether there was one @throws Fault conflict/catalog.in_use */
export const deleteFlavor = async (tx: Tx, id: string): Promise<boolean> =>
  ((await em(tx).delete(flavors, { id }).catch(unlessUsed('flavor'))).affected ?? 0) > 0;
/** Whether an instance that is not deleted has it, or gets it by a resize or a revert. SQL: a later area's table. */
export const isFlavorUsed = async (tx: Tx, id: string): Promise<boolean> =>
  (
    await sql(
      tx,
      `select from instance where flavor_id = $1 and vm_state <> 'deleted'
      union all select from instance where other_flavor_id = $1 and vm_state <> 'deleted' limit 1`,
      [id],
    )
  ).length > 0;
/** Replaces the projects that a flavor is granted to. SQL: many rows at once. */
export const grantFlavor = async (tx: Tx, id: string, projectIds: readonly string[]): Promise<void> => {
  await run(tx, 'delete from flavor_project where flavor_id = $1 and project_id <> all($2)', [id, projectIds]);
  await run(
    tx,
    'insert into flavor_project (flavor_id, project_id) select $1, unnest($2::text[]) on conflict do nothing',
    [id, projectIds],
  );
};
