import { columns, em, sql, type Queryable } from '@nefos/service-kit';
import { accounts, type Account } from './accounts.js';

export type ListedUser = Pick<Account, 'uuid' | 'username' | 'isActive' | 'defaultProject'>;
export interface UserFilter {
  limit: number;
  /** The uuid of the user after whom the page begins. */
  marker?: string | undefined;
  name?: string | undefined;
  enabled?: boolean | undefined;
  /** The id of a group of which the users are members. */
  group?: number | undefined;
}
const findId = async (q: Queryable, uuid: string): Promise<number | undefined> =>
  (await em(q).findOne(accounts, { where: { uuid }, select: { id: true } }))?.id;

/** A page of users by id; undefined when nobody has the uuid `marker`. SQL: a list page. */
export const listUsers = async (q: Queryable, f: UserFilter): Promise<ListedUser[] | undefined> => {
  const after = f.marker === undefined ? 0 : await findId(q, f.marker);
  if (after === undefined) return undefined;
  const [from, id] =
    f.group === undefined
      ? ['account a', 'a.id']
      : ['group_member m join account a on a.id = m.account_id', 'm.account_id'];
  const values: unknown[] = [after, f.limit];
  const conditions = [`${id} > $1`];
  if (f.name !== undefined) conditions.push(`a.username = $${values.push(f.name.toLowerCase())}`);
  if (f.group !== undefined) conditions.push(`m.group_id = $${values.push(f.group)}`);
  if (f.enabled !== undefined) conditions.push(f.enabled ? 'a.is_active' : 'not a.is_active');
  return sql<ListedUser>(
    q,
    `select ${columns(accounts, 'a', ['uuid', 'username', 'isActive', 'defaultProject'])} from ${from}
     where ${conditions.join(' and ')} order by ${id} limit $2`,
    values,
  );
};
/** How many users are active and inactive. SQL: an aggregate. */
export const countUsers = async (q: Queryable): Promise<[string, number][]> =>
  (
    await sql<{ state: string; count: number }>(
      q,
      `select case when is_active then 'active' else 'inactive' end state, count(*)::int count from account group by 1`,
    )
  ).map((row) => [row.state, row.count]);
