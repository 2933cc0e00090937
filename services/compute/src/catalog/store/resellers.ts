import { em, run, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { invalidValue } from '../../refusals.js';
import { resellerResources } from '../tables.js';

/** A reseller's set of flavors. */
export interface ResellerSet {
  id: number;
  name: string;
  clientId: number;
  clientName: string;
  /** Its own. */
  flavors: string[];
  /** The provider's that it offers. */
  catalogue: string[];
}
const resellerList: ListSpec = {
  select: `r.id, r.name, c.id "clientId", c.first_name || ' ' || c.last_name "clientName",
    array(select f.id from flavor f where f.reseller_resources_id = r.id order by 1 limit 500) flavors,
    array(select k.flavor_id from reseller_catalog_flavor k where k.reseller_resources_id = r.id order by 1 limit 500)
      catalogue`,
  from: 'reseller_resources r join client c on c.id = r.client_id',
  fields: {
    id: { sql: 'r.id', type: 'int' },
    name: { sql: 'r.name', type: 'text' },
    client__id: { sql: 'r.client_id', type: 'int' },
  },
  search: ['r.name'],
  ordering: 'id',
  tie: 'r.id',
};
/** @param scope.id only this one */
export const listResellers = (q: Queryable, query: Query, { id }: { id?: number }): Promise<Page<ResellerSet>> =>
  pageOf(q, resellerList, query, id === undefined ? [] : [{ sql: 'r.id = $::int', values: [id] }]);
/** SQL: locks the row. */
export const lockReseller = async (tx: Tx, id: number): Promise<boolean> =>
  (await sql(tx, 'select 1 from reseller_resources where id = $1 for update', [id])).length > 0;
/** @returns its id. @throws Fault invalid: no such client, or it has a set */
export const insertReseller = async (tx: Tx, set: { clientId: number; name: string }): Promise<number> => {
  const { identifiers } = await em(tx)
    .insert(resellerResources, { ...set })
    .catch((err: unknown) => {
      throw violates(err, 'reseller_resources_client_id_key') ? invalidValue(['client'], 'reseller.exists') : err;
    });
  return (identifiers[0] as { id: number }).id;
};
export const renameReseller = async (tx: Tx, id: number, name: string): Promise<void> => {
  await em(tx).update(resellerResources, { id }, { name });
};
export const deleteReseller = async (tx: Tx, id: number): Promise<void> => {
  await em(tx).delete(resellerResources, { id });
};
/** SQL: another area's table, and the row is locked. */
export const shareLockClient = async (tx: Tx, id: number): Promise<boolean> =>
  (await sql(tx, 'select 1 from client where id = $1 for key share', [id])).length > 0;

/** Which set each of these flavors belongs to; null: it is the provider's. Locks them. SQL: locks. */
export const lockFlavorOwners = async (tx: Tx, ids: readonly string[]): Promise<Map<string, number | null>> =>
  new Map(
    (
      await sql<{ id: string; owner: number | null }>(
        tx,
        `select id, reseller_resources_id "owner" from flavor where id = any($1::uuid[]) order by id
        for no key update`,
        [ids],
      )
    ).map(({ id, owner }) => [id, owner]),
  );
/** Makes exactly these flavors the set's own; nobody else offers them any more. SQL: batched. */
export const writeOwnFlavors = async (tx: Tx, id: number, flavors: readonly string[]): Promise<void> => {
  await run(
    tx,
    `update flavor set reseller_resources_id = case when id = any($2::uuid[]) then $1::int end
    where reseller_resources_id = $1 or id = any($2::uuid[])`,
    [id, flavors],
  );
  await run(tx, 'delete from reseller_catalog_flavor where flavor_id = any($1::uuid[])', [flavors]);
};
/** SQL: batched. */
export const writeCatalogue = async (tx: Tx, id: number, flavors: readonly string[]): Promise<void> => {
  await run(
    tx,
    'delete from reseller_catalog_flavor where reseller_resources_id = $1 and not flavor_id = any($2::uuid[])',
    [id, flavors],
  );
  await run(
    tx,
    `insert into reseller_catalog_flavor (flavor_id, reseller_resources_id) select unnest($2::uuid[]), $1
    on conflict do nothing`,
    [id, flavors],
  );
};
/** Whether flavors belong to the set. */
export const ownsFlavors = async (q: Queryable, id: number): Promise<boolean> =>
  (await sql(q, 'select 1 from flavor where reseller_resources_id = $1 limit 1', [id])).length > 0;
/**
 * Whether the client of a project is one of the flavor's reseller, or that reseller itself. SQL: a join of four
 * tables.
 */
export const isFlavorOfResellerOf = async (q: Queryable, flavorId: string, projectId: string): Promise<boolean> =>
  (
    await sql(
      q,
      `select 1 from flavor f join reseller_resources r on r.id = f.reseller_resources_id
        join project p on p.id = $2 join service s on s.id = p.service_id join client c on c.id = s.client_id
      where f.id = $1 and r.client_id in (c.id, c.reseller_client_id)`,
      [flavorId, projectId],
    )
  ).length > 0;
