import { Fault, run, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';
import type { ListSpec } from '../../lists/list-query.js';

export interface UserRow {
  id: number;
  uuid: string;
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  is_active: boolean;
  is_staff: boolean;
  is_superuser: boolean;
  external_billing_id: string | null;
  created_at: string;
  /** In the order in which the user came to them: the first is the default. */ client_ids: number[];
  activated: boolean;
  made_here: boolean;
  deleted: boolean;
}
const COLUMNS = `u.id, u.uuid, u.username, u.email, u.first_name, u.last_name, u.is_active, u.is_staff, u.is_superuser, u.external_billing_id, u.created_at, u.activated, u.made_here, u.deleted_at is not null deleted,
  array(select client_id from client_user where user_id = u.id order by position limit 1000) client_ids`;
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
export const findUser = async (q: Queryable, id: number): Promise<UserRow | undefined> =>
  (await sql<UserRow>(q, `select ${COLUMNS} from portal_user u where u.id = $1`, [id]))[0];
export const findUserByName = async (q: Queryable, username: string): Promise<UserRow | undefined> =>
  (
    await sql<UserRow>(q, `select ${COLUMNS} from portal_user u where u.username = $1 and u.deleted_at is null`, [
      username,
    ])
  )[0];
export const findUserByExternalId = async (q: Queryable, externalId: string): Promise<UserRow | undefined> =>
  (
    await sql<UserRow>(
      q,
      `select ${COLUMNS} from portal_user u where u.external_billing_id = $1 and u.deleted_at is null`,
      [externalId],
    )
  )[0];
export const lockUser = async (tx: Tx, id: number): Promise<UserRow | undefined> => {
  await sql(tx, 'select from portal_user where id = $1 for update', [id]);
  return findUser(tx, id);
};

/** An address in small letters, by Unicode's rules as identity keeps it; compared byte by byte. */
const small = (text: string): string => `(lower(${text} collate "und-x-icu") collate "C")`;
/** The uuid that every attempt at this address uses until one of them has made its row. */
export const reserveUser = async (q: Queryable, email: string, uuid: string, now: Date): Promise<string> =>
  (
    await sql<{ uuid: string }>(
      q,
      `insert into user_reservation (email, uuid, reserved_at) values (${small('$1::text')}, $2, $3)
      on conflict (email) do update set reserved_at = excluded.reserved_at returning uuid`,
      [email, uuid, now],
    )
  )[0]?.uuid as string;
export const deleteOldReservations = (q: Queryable, before: Date): Promise<number> =>
  run(
    q,
    'delete from user_reservation where email in (select email from user_reservation where reserved_at < $1 limit 5000)',
    [before],
  );
interface Taken {
  username: boolean;
  external_billing_id: boolean;
  /** By a user whom identity has not let in yet: it would give way to a namesake there. */ email: boolean;
}
/** Names that are taken already. */
export const findTaken = async (
  q: Queryable,
  username: string,
  externalId: string | null,
  email: string,
): Promise<Taken> =>
  (
    await sql<Taken>(
      q,
      `select exists (select from portal_user where username = $1) username, exists (select from portal_user where external_billing_id = $2) external_billing_id,
    exists (select from portal_user where fold(email) = fold($3::text) and ${small('email')} = ${small('$3::text')} and not activated and deleted_at is null) email`,
      [username, externalId, email],
    )
  )[0] as Taken;
// One reservation makes one user: whoever comes second with its uuid had the same address.
const TAKEN = {
  portal_user_username_key: 'username',
  portal_user_external_billing_id_key: 'external_billing_id',
  portal_user_uuid_key: 'email',
} as const;
const unique = (err: unknown): never => {
  for (const [constraint, field] of Object.entries(TAKEN))
    if (violates(err, constraint))
      throw new Fault('invalid', 'user.taken', { issues: [{ path: [field], rule: 'unique' }] });
  throw err;
};
export interface UserValues {
  uuid: string;
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  is_staff: boolean;
  external_billing_id: string | null;
}
/** A user whom identity has not let in yet; its reservation has served. */
export const insertUser = async (tx: Tx, u: UserValues): Promise<number> => {
  const [made] = await sql<{ id: number }>(
    tx,
    `insert into portal_user (uuid, username, email, first_name, last_name, is_staff, external_billing_id, activated, made_here)
  values ($1, $2, $3, $4, $5, $6, $7, false, true) returning id`,
    [u.uuid, u.username, u.email, u.first_name, u.last_name, u.is_staff, u.external_billing_id],
  ).catch(unique);
  await run(tx, `delete from user_reservation where email = ${small('$1::text')} and uuid = $2`, [u.email, u.uuid]);
  return made?.id as number;
};
export interface UserChanges {
  first_name?: string | undefined;
  last_name?: string | undefined;
  is_active?: boolean | undefined;
  external_billing_id?: string | null | undefined;
}
export const updateUser = async (tx: Tx, id: number, changes: UserChanges): Promise<void> => {
  const pairs = Object.entries(changes as Record<string, unknown>).filter(([, value]) => value !== undefined);
  if (pairs.length)
    await run(
      tx,
      `update portal_user set ${pairs.map(([name], i) => `${name} = $${i + 2}`).join(', ')} where id = $1`,
      [id, ...pairs.map(([, value]) => value)],
    ).catch(unique);
};
export const setActivated = (q: Queryable, id: number): Promise<number> =>
  run(
    q,
    // Whoever was made inactive while identity was being asked to let him in has to be told of again.
    'update portal_user set activated = true, told_sequence = case when is_active then told_sequence else least(told_sequence, state_sequence - 1) end where id = $1',
    [id],
  );
/** Replaces the user's clients. @returns ids that came or went; undefined in `missing` when all exist */
export const setClients = async (tx: Tx, userId: number, clientIds: readonly number[]): Promise<number[]> => {
  const gone = await sql<{ client_id: number }>(
    tx,
    'delete from client_user where user_id = $1 and client_id <> all($2) returning client_id',
    [userId, clientIds],
  );
  const come = await sql<{ client_id: number }>(
    tx,
    'insert into client_user (client_id, user_id) select one, $1 from unnest($2::int[]) with ordinality w(one, at) order by at on conflict do nothing returning client_id',
    [userId, clientIds],
  );
  return [...gone, ...come].map((row) => row.client_id);
};
export const missingClients = async (q: Queryable, clientIds: readonly number[]): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      'select w.id::text from unnest($1::bigint[]) w(id) where not exists (select from client c where c.id = w.id) order by w.id',
      [clientIds],
    )
  ).map((row) => row.id);
/** Out of sight at once; the row goes when identity has let go of the user. */
export const hideUser = async (tx: Tx, id: number, now: Date): Promise<void> => {
  await run(
    tx,
    `update portal_user set deleted_at = $2, username = 'deleted:' || uuid, external_billing_id = null where id = $1`,
    [id, now],
  );
  await run(tx, 'delete from portal_session where user_id = $1', [id]);
  await run(tx, 'delete from client_user where user_id = $1', [id]);
};
export const removeUser = (q: Queryable, id: number): Promise<number> =>
  run(q, 'delete from portal_user where id = $1 and deleted_at is not null', [id]);
/** Users about whom identity has still to hear. */
export const listUnsettled = (q: Queryable, limit: number) =>
  sql<{ id: number; deleted: boolean }>(
    q,
    'select id, deleted_at is not null deleted from portal_user where not activated or deleted_at is not null order by id limit $1',
    [limit],
  );
