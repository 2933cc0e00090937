import { columns, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { securityGroups, type SecurityGroup } from '../../networking/tables.js';

export type NamedGroup = Pick<SecurityGroup, 'id' | 'name' | 'regionId' | 'isDefault'>;
/** Security groups of a project by name or id, in whatever region; enough to see that there are several. */
export const findGroupsNamed = (q: Queryable, projectId: string, word: string): Promise<NamedGroup[]> =>
  sql<NamedGroup>(
    q,
    `select ${columns(securityGroups, undefined, ['id', 'name', 'regionId', 'isDefault'])} from security_group
    where project_id = $1 and (name = $2 or id::text = $2) order by id::text = $2 desc, created_at, id limit 1000`,
    [projectId, word],
  );
/** Holds up others that do the same with the group, and nobody else. SQL: a lock. */
export const lockGroupRow = async (tx: Tx, id: string): Promise<void> => {
  await sql(tx, 'select from security_group where id = $1 for no key update', [id]);
};
