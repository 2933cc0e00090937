import { sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Condition, ListSpec } from '../../lists/list-query.js';
import { FLAVOR_COLUMNS, STOCK_USED, type FlavorColumns } from '../flavor-columns.js';

export interface FlavorRow extends FlavorColumns {
  is_public: boolean;
  disabled: boolean;
  stock_limit: number | null;
  stock_used: number;
  project_ids: string[];
}
const OWN = `${FLAVOR_COLUMNS}, f.is_public, f.disabled`;
const SELECT = `${OWN}, f.stock_limit, ${STOCK_USED}::int stock_used, array(select p.project_id from flavor_project p
  where p.flavor_id = f.id order by 1 limit 1000) project_ids`;
const FROM = 'flavor f left join flavor_group g on g.id = f.flavor_group_id';

export const flavorList: ListSpec = {
  select: SELECT,
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
/** What a client may use: public flavors, and those given to its project. */
export const flavorsForClient = (clientIds: readonly number[]): Condition => ({
  sql: `not f.disabled and (f.is_public or exists (select 1 from flavor_project p join project j on j.id = p.project_id join service s on s.id = j.service_id
    where p.flavor_id = f.id and s.client_id = any($::int[])))`,
  values: [clientIds],
});
export type TakenFlavor = Omit<FlavorRow, 'stock_limit' | 'stock_used' | 'project_ids'>;
/** The flavor that an instance is to be made of. Where stock is limited, whoever counts it goes one after the other; else nothing is counted. */
export const takeFlavor = async (tx: Tx, id: string): Promise<TakenFlavor | undefined> => {
  await sql(tx, 'select from flavor where id = $1 and stock_limit is not null for no key update', [id]);
  return (await sql<TakenFlavor>(tx, `select ${OWN} from ${FROM} where f.id = $1`, [id]))[0];
};
export const isGivenTo = async (q: Queryable, flavorId: string, projectId: string): Promise<boolean> =>
  (await sql(q, 'select 1 from flavor_project where flavor_id = $1 and project_id = $2', [flavorId, projectId]))
    .length === 1;

export interface FlavorGroupRow {
  id: number;
  name: string;
  priority: number;
  description: string;
}
export const flavorGroupList: ListSpec = {
  select: 'g.id, g.name, g.priority, g.description',
  from: 'flavor_group g',
  fields: {
    id: { sql: 'g.id', type: 'int' },
    name: { sql: 'g.name', type: 'text' },
    priority: { sql: 'g.priority', type: 'int' },
  },
  search: ['g.name', 'g.description'],
  ordering: 'priority',
  tie: 'g.id',
};
