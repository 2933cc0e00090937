import { columns, em, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { portalUsers, type PortalUser } from '../../access/tables.js';
import { withoutUndefined } from '../../without-undefined.js';
import { pageOf } from '../../lists/select-page.js';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { unlessNotUnique } from './unique-user.js';

const SHOWN = [
  'id',
  'uuid',
  'username',
  'email',
  'firstName',
  'lastName',
  'isActive',
  'isStaff',
  'isSuperuser',
  'externalBillingId',
  'createdAt',
  'activated',
  'madeHere',
] as const satisfies readonly (keyof PortalUser)[];
/** A user as the domain sees it. */
export interface User extends Pick<PortalUser, (typeof SHOWN)[number]> {
  /** Removed here; the row stays until identity has removed the user. */
  deleted: boolean;
  /** In the order in which the user came to them: the first is the default. At most 1000. */
  clientIds: number[];
}
const COLUMNS = `${columns(portalUsers, 'u', SHOWN)}, u.deleted_at is not null deleted,
  array(select client_id from client_user where user_id = u.id order by position limit 1000) "clientIds"`;
export const userList: ListSpec = {
  select: COLUMNS,
  from: 'portal_user u',
  fields: {
    id: { sql: 'u.id', type: 'int' },
    username: { sql: 'u.username', type: 'text', plain: true },
    email: { sql: 'u.email', type: 'text', plain: true },
    is_active: { sql: 'u.is_active', type: 'boolean' },
    is_staff: { sql: 'u.is_staff', type: 'boolean' },
    external_billing_id: { sql: 'u.external_billing_id', type: 'text', plain: true },
    date_joined: { sql: 'u.created_at', type: 'time' },
    clients__id: { sql: 'm.client_id', type: 'int', exists: 'select from client_user m where m.user_id = u.id and %' },
  },
  search: ['u.username', 'u.email', 'u.first_name', 'u.last_name', 'u.external_billing_id'],
  searchText: 'u.search_text',
  ordering: '-id',
  tie: 'u.id',
};
/** A page of the users who are not deleted. @throws Fault not_found/page, invalid/filter */
export const pageOfUsers = (q: Queryable, query: Query): Promise<Page<User>> =>
  pageOf<User>(q, userList, query, [{ sql: 'u.deleted_at is null', values: [] }]);

/** SQL: a user is shown with its clients, in one statement. */
const findWhere = async (q: Queryable, condition: string, value: unknown): Promise<User | undefined> =>
  (await sql<User>(q, `select ${COLUMNS} from portal_user u where ${condition}`, [value]))[0];
/** Also a deleted user, as long as identity has not removed it. */
export const findUser = (q: Queryable, id: number): Promise<User | undefined> => findWhere(q, 'u.id = $1', id);
export const findUserByName = (q: Queryable, username: string): Promise<User | undefined> =>
  findWhere(q, 'u.username = $1 and u.deleted_at is null', username);
export const findUserByUuid = (q: Queryable, uuid: string): Promise<User | undefined> =>
  findWhere(q, 'u.uuid = $1 and u.deleted_at is null', uuid);
export const findUserByExternalId = (q: Queryable, externalId: string): Promise<User | undefined> =>
  findWhere(q, 'u.external_billing_id = $1 and u.deleted_at is null', externalId);
/** The user, its row locked. It is read after the lock, so that it is as the last writer left it. */
export const lockUser = async (tx: Tx, id: number): Promise<User | undefined> => {
  await sql(tx, 'select from portal_user where id = $1 for update', [id]);
  return findUser(tx, id);
};

export type UserChanges = {
  [K in 'firstName' | 'lastName' | 'isActive' | 'externalBillingId']?: PortalUser[K] | undefined;
};
/** Changes the values that are given. @throws Fault invalid/user.taken */
export const updateUser = async (tx: Tx, id: number, changes: UserChanges): Promise<void> => {
  const values = withoutUndefined(changes);
  if (Object.keys(values).length) await em(tx).update(portalUsers, { id }, values).catch(unlessNotUnique);
};
/**
 * Notes that identity lets the user in. Identity did not hear of it when the user was made inactive while it was being
 * asked: then its number goes back, so that the change is told again.
 */
export const setActivated = (q: Queryable, id: number): Promise<number> =>
  run(
    q,
    // SQL: one column is computed from others.
    `update portal_user set activated = true,
      told_sequence = case when is_active then told_sequence else least(told_sequence, state_sequence - 1) end
    where id = $1`,
    [id],
  );
/** Hides the user at once; its row is removed once identity has removed the user. */
export const hideUser = async (tx: Tx, id: number, now: Date): Promise<void> => {
  await run(
    tx,
    // SQL: the name that becomes free is computed.
    `update portal_user set deleted_at = $2, username = 'deleted:' || uuid, external_billing_id = null where id = $1`,
    [id, now],
  );
  await run(tx, 'delete from portal_session where user_id = $1', [id]);
  await run(tx, 'delete from client_user where user_id = $1', [id]);
};
/** Removes the row of a hidden user. */
export const removeUser = (q: Queryable, id: number): Promise<number> =>
  run(q, 'delete from portal_user where id = $1 and deleted_at is not null', [id]);
/** Users whom identity has still to let in or to remove. */
export const listPendingUsers = (q: Queryable, limit: number): Promise<{ id: number; deleted: boolean }[]> =>
  sql(
    q,
    // SQL: the condition is that of the index portal_user_pending_idx.
    `select id, deleted_at is not null deleted from portal_user
    where not activated or deleted_at is not null order by id limit $1`,
    [limit],
  );
