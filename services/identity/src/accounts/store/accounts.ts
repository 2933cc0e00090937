import { LOCKS, conflict, run, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';

export interface Account {
  id: number;
  uuid: string;
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  passwordHash: string | null;
  affiliation: string | null;
  metadata: unknown;
  isActive: boolean;
  isSuperuser: boolean;
  emailVerified: boolean;
  verifiedAt: string | null;
  moderated: boolean;
  moderatedAt: string | null;
  acceptedPolicy: string | null;
  isRejected: boolean;
  rejectedReason: string | null;
  deactivatedReason: string | null;
  defaultProject: string;
  madeBy: string | null;
  dateJoined: string;
  groups: readonly string[];
}
export interface NewAccount {
  id?: number;
  uuid: string;
  email: string;
  firstName: string;
  lastName: string;
  passwordHash?: string | null | undefined;
  isSuperuser?: boolean;
  madeBy?: string | null;
  /** Staff of a component: not bound by terms of use. */ termsExempt?: boolean | undefined;
  affiliation?: string | null | undefined;
  metadata?: unknown;
}
/** Named changes, each of one or more columns. */
export interface AccountChange {
  username?: string | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
  passwordHash?: string | undefined;
  affiliation?: string | undefined;
  metadata?: unknown;
  isSuperuser?: boolean;
  verified?: boolean;
  acceptedPolicy?: string;
  rejectedReason?: string;
  active?: boolean;
  deactivatedReason?: string;
  signedTerms?: boolean;
  termsExempt?: boolean;
  defaultProject?: string;
  loggedIn?: boolean;
}

const COLUMNS = `a.id::int, a.uuid, a.username, a.email, a.first_name "firstName", a.last_name "lastName", a.password_hash "passwordHash", a.affiliation, a.metadata,
  a.is_active "isActive", a.is_superuser "isSuperuser", a.email_verified "emailVerified", a.verified_at "verifiedAt", a.moderated, a.moderated_at "moderatedAt", a.accepted_policy "acceptedPolicy",
  a.is_rejected "isRejected", a.rejected_reason "rejectedReason", a.deactivated_reason "deactivatedReason", a.default_project "defaultProject", a.made_by "madeBy", a.date_joined "dateJoined",
  array(select g.name from group_member m join account_group g on g.id = m.group_id where m.account_id = a.id order by g.id) "groups"`;
const named = (err: unknown): never => {
  throw violates(err, 'account_username_key') ? conflict('email.taken') : err;
};

export const insertAccount = async (tx: Tx, a: NewAccount): Promise<Account> => {
  const [made] = await sql<{ id: number }>(
    tx,
    `insert into account (id, uuid, username, email, first_name, last_name, password_hash, is_superuser, default_project, made_by, affiliation, metadata, terms_exempt)
    values (coalesce($10, nextval(pg_get_serial_sequence('account', 'id'))), $1, $2, $2, $3, $4, $5, $6, $1, $7, $8, $9::jsonb, $11) returning id::int`,
    [
      a.uuid,
      a.email.toLowerCase(),
      a.firstName,
      a.lastName,
      a.passwordHash ?? null,
      a.isSuperuser ?? false,
      a.madeBy ?? null,
      a.affiliation ?? null,
      a.metadata === undefined ? null : JSON.stringify(a.metadata),
      a.id ?? null,
      a.termsExempt ?? false,
    ],
  ).catch(named);
  return (await lockAccount(tx, 'id', (made as { id: number }).id)) as Account;
};
type Key = 'id' | 'uuid' | 'username';
const by = (key: Key, more = '') => `select ${COLUMNS} from account a where a.${key} = $1 ${more}`;
export const findAccount = async (q: Queryable, key: Key, value: string | number): Promise<Account | undefined> =>
  (await sql<Account>(q, by(key), [value]))[0];
export const lockAccount = async (tx: Tx, key: Key, value: string | number): Promise<Account | undefined> =>
  (await sql<Account>(tx, by(key, 'for no key update'), [value]))[0];
/** Holds everybody else who is about to make the user of this uuid until this transaction ends. */
export const holdUuid = (tx: Tx, uuid: string): Promise<unknown> =>
  sql(tx, 'select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.accountUuid, uuid]);
/** In order of id, so after `marker` (a uuid). */
export const listAccounts = (
  q: Queryable,
  { limit, marker }: { limit: number; marker?: string | undefined },
): Promise<Account[]> =>
  sql<Account>(
    q,
    `select ${COLUMNS} from account a where a.id > coalesce((select id from account where uuid = $2::uuid), 0) order by a.id limit $1`,
    [limit, marker ?? null],
  );

const CHANGES: Record<keyof AccountChange, string> = {
  username: 'username = $2, email = $2',
  firstName: 'first_name = $2',
  lastName: 'last_name = $2',
  passwordHash: 'password_hash = $2',
  affiliation: 'affiliation = $2',
  metadata: 'metadata = $2::jsonb',
  isSuperuser: 'is_superuser = $2',
  verified: 'email_verified = $2, verified_at = now()',
  acceptedPolicy:
    'moderated = true, moderated_at = now(), is_rejected = false, rejected_reason = null, accepted_policy = $2',
  rejectedReason: 'moderated = true, moderated_at = now(), is_rejected = true, rejected_reason = $2',
  active: 'is_active = $2',
  deactivatedReason: 'is_active = false, deactivated_reason = $2, deactivated_at = now()',
  // After the terms, which are dated so too.
  signedTerms: 'has_signed_terms = $2, date_signed_terms = clock_timestamp()',
  termsExempt: 'terms_exempt = $2',
  defaultProject: 'default_project = $2',
  loggedIn: 'last_login = case when $2::boolean then now() else last_login end',
};
/** One statement per named change, in the order given. */
export const updateAccount = async (tx: Tx, id: number, change: AccountChange): Promise<void> => {
  for (const [key, value] of Object.entries(change) as [keyof AccountChange, unknown][]) {
    if (value === undefined) continue;
    await run(tx, `update account set ${CHANGES[key]}, updated_at = now() where id = $1`, [
      id,
      key === 'metadata' ? JSON.stringify(value) : key === 'username' ? (value as string).toLowerCase() : value,
    ]).catch(named);
  }
};
/** Those who may administer everything, one after the other by id. Locked before any other account, so that nobody waits in a circle. */
export const lockSuperusers = async (tx: Tx): Promise<number[]> =>
  (
    await sql<{ id: string }>(
      tx,
      'select id from account where is_superuser and is_active order by id for no key update',
    )
  ).map((row) => Number(row.id));
export const deleteAccount = (tx: Tx, id: number): Promise<number> =>
  run(tx, 'delete from account where id = $1', [id]);
/** An unverified namesake gives way to whoever signs up next (contract identity §8.1). */
export const deleteUnverifiedNamesake = (tx: Tx, email: string, exceptUuid: string): Promise<number> =>
  run(tx, 'delete from account where username = $1 and uuid <> $2 and not email_verified', [
    email.toLowerCase(),
    exceptUuid,
  ]);

export const usernamesOf = (q: Queryable, uuids: readonly string[]): Promise<{ uuid: string; username: string }[]> =>
  sql(q, 'select uuid, username from account where uuid = any($1::uuid[])', [uuids]);
export const uuidsOf = (q: Queryable, usernames: readonly string[]): Promise<{ uuid: string; username: string }[]> =>
  sql(q, 'select uuid, username from account where username = any($1::text[])', [usernames]);
/** Everybody, a page at a time, by id. */
export const pageOfNames = (
  q: Queryable,
  afterId: number,
  limit: number,
): Promise<{ id: number; uuid: string; username: string }[]> =>
  sql(q, 'select id::int, uuid, username from account where id > $1 order by id limit $2', [afterId, limit]);
export const countAccounts = async (q: Queryable): Promise<number> =>
  (await sql<{ n: number }>(q, 'select count(*)::int n from account'))[0]?.n ?? 0;
/** Users, by whether they may sign in. */
export const countUsers = async (q: Queryable): Promise<[string, number][]> =>
  (
    await sql<{ state: string; count: number }>(
      q,
      "select case when is_active then 'active' else 'inactive' end state, count(*)::int count from account group by 1",
    )
  ).map((row) => [row.state, row.count]);
