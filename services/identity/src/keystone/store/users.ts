import { sql, type Queryable } from '@nefos/service-kit';

export interface ListedUser {
  uuid: string;
  username: string;
  isActive: boolean;
  defaultProject: string;
}
/** The number behind the uuid that a page begins after; undefined when nobody has it. */
const numberOf = async (q: Queryable, uuid: string): Promise<string | undefined> =>
  (await sql<{ id: string }>(q, 'select id::text id from account where uuid = $1', [uuid]))[0]?.id;

/** A page of users by id, after `marker`; undefined when nobody has that uuid. */
export const listUsers = async (
  q: Queryable,
  f: {
    limit: number;
    marker?: string | undefined;
    name?: string | undefined;
    enabled?: boolean | undefined;
    group?: number | undefined;
  },
): Promise<ListedUser[] | undefined> => {
  const after = f.marker === undefined ? '0' : await numberOf(q, f.marker);
  if (after === undefined) return undefined;
  const [from, id] =
    f.group === undefined
      ? ['account a', 'a.id']
      : ['group_member m join account a on a.id = m.account_id', 'm.account_id'];
  const values: unknown[] = [after, f.limit];
  const conditions = [`${id} > $1`];
  const where = (condition: (n: string) => string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  where((n) => `a.username = ${n}`, f.name?.toLowerCase());
  where((n) => `m.group_id = ${n}`, f.group);
  if (f.enabled !== undefined) conditions.push(f.enabled ? 'a.is_active' : 'not a.is_active');
  return sql<ListedUser>(
    q,
    `select a.uuid, a.username, a.is_active "isActive", a.default_project "defaultProject" from ${from}
    where ${conditions.join(' and ')} order by ${id} limit $2`,
    values,
  );
};
