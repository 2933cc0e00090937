import { Fault, run, sql, violates, type Queryable } from '@nefos/service-kit';
import type { ListSpec } from '../../lists/list-query.js';

export interface GroupRow {
  id: number;
  name: string;
  description: string;
  is_default: boolean;
}
const COLUMNS = 'g.id, g.name, g.description, g.is_default';
export const groupList: ListSpec = {
  select: COLUMNS,
  from: 'client_group g',
  fields: {
    id: { sql: 'g.id', type: 'int' },
    name: { sql: 'g.name', type: 'text' },
    is_default: { sql: 'g.is_default', type: 'boolean' },
  },
  search: ['g.name', 'g.description'],
  ordering: 'id',
  tie: 'g.id',
};
const unique = (err: unknown): never => {
  throw violates(err, 'client_group_name_key')
    ? new Fault('invalid', 'validation', { issues: [{ path: ['name'], rule: 'unique' }] })
    : err;
};
export const findGroup = async (q: Queryable, id: number): Promise<GroupRow | undefined> =>
  (await sql<GroupRow>(q, `select ${COLUMNS} from client_group g where id = $1`, [id]))[0];
export const insertGroup = async (q: Queryable, g: Omit<GroupRow, 'id'>): Promise<GroupRow> =>
  (
    await sql<GroupRow>(
      q,
      `insert into client_group as g (name, description, is_default) values ($1, $2, $3) returning ${COLUMNS}`,
      [g.name, g.description, g.is_default],
    ).catch(unique)
  )[0] as GroupRow;
export const updateGroup = async (
  q: Queryable,
  id: number,
  g: { name?: string | undefined; description?: string | undefined; is_default?: boolean | undefined },
): Promise<GroupRow | undefined> =>
  (
    await sql<GroupRow>(
      q,
      `update client_group g set name = coalesce($2, name), description = coalesce($3, description), is_default = coalesce($4, is_default) where id = $1 returning ${COLUMNS}`,
      [id, g.name ?? null, g.description ?? null, g.is_default ?? null],
    ).catch(unique)
  )[0];
export const deleteGroup = (q: Queryable, id: number): Promise<number> =>
  run(q, 'delete from client_group where id = $1', [id]);
