import { sql, type Queryable } from '@nefos/service-kit';
import type { ListSpec } from '../../lists/list-query.js';

export interface RegionRow {
  id: string;
  description: string;
  enabled: boolean;
  enable_volumes: boolean;
  enable_snapshots: boolean;
}
const COLUMNS = 'id, description, enabled, enable_volumes, enable_snapshots';
export const regionList: ListSpec = {
  select: COLUMNS,
  from: 'region r',
  fields: { id: { sql: 'r.id', type: 'text' }, enabled: { sql: 'r.enabled', type: 'boolean' } },
  search: ['r.id', 'r.description'],
  ordering: 'id',
  tie: 'r.id',
};
export const findRegion = async (q: Queryable, id: string): Promise<RegionRow | undefined> =>
  (await sql<RegionRow>(q, `select ${COLUMNS} from region where id = $1`, [id]))[0];
export const regionIds = async (q: Queryable): Promise<string[]> =>
  (await sql<{ id: string }>(q, 'select id from region order by id')).map((row) => row.id);
