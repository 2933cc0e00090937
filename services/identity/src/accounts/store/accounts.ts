import {
  LOCKS,
  boolean,
  columns,
  conflict,
  em,
  generated,
  instant,
  jsonb,
  nullable,
  run,
  safeInteger,
  sql,
  table,
  text,
  uuid,
  violates,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import { Not } from 'typeorm';

/** Users. Which combinations of states there are: contract identity §8.1. */
export const accounts = table(
  'account',
  {
    id: generated(safeInteger()),
    uuid: uuid(),
    /** The e-mail address in lower case, by which the user signs in. */
    username: text(),
    email: text(),
    firstName: text(),
    lastName: text(),
    /** null: the user can not sign in with a password. */
    passwordHash: nullable(text()),
    affiliation: nullable(text()),
    metadata: nullable(jsonb()),
    isActive: withDefault(boolean()),
    isSuperuser: withDefault(boolean()),
    emailVerified: withDefault(boolean()),
    verifiedAt: nullable(instant()),
    /** Whether somebody decided to accept or to reject the user. */
    moderated: withDefault(boolean()),
    moderatedAt: nullable(instant()),
    /** How the user was accepted, such as `admin`. */
    acceptedPolicy: nullable(text()),
    isRejected: withDefault(boolean()),
    rejectedReason: nullable(text()),
    deactivatedAt: nullable(instant()),
    deactivatedReason: nullable(text()),
    hasSignedTerms: withDefault(boolean()),
    dateSignedTerms: nullable(instant()),
    /** The project that the user's tokens are scoped to. */
    defaultProject: uuid(),
    /** The component that made the user. */
    madeBy: nullable(text()),
    dateJoined: withDefault(instant()),
    lastLogin: nullable(instant()),
    updatedAt: withDefault(instant()),
    /** When `isActive` changed last; kept by a trigger. */
    stateChangedAt: withDefault(instant()),
    /** The number of the last change of state that a component asked for. */
    stateSequence: withDefault(safeInteger()),
    /** Staff of a component, who are not bound by terms of use. */
    termsExempt: withDefault(boolean()),
  },
  { primary: ['id'] },
);
type AccountRow = Row<typeof accounts>;
/** An account with the names of its groups. */
export type Account = AccountRow & { groups: readonly string[] };
export interface NewAccount {
  id?: number;
  uuid: string;
  email: string;
  firstName: string;
  lastName: string;
  passwordHash?: string | null | undefined;
  isSuperuser?: boolean;
  madeBy?: string | null;
  termsExempt?: boolean | undefined;
  affiliation?: string | null | undefined;
  metadata?: unknown;
}
/** Named changes, each of one or more columns. */
export interface AccountChange {
  /** The e-mail address. */
  username?: string | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
  passwordHash?: string | undefined;
  affiliation?: string | undefined;
  metadata?: unknown;
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

const asConflict = (err: unknown): never => {
  throw violates(err, 'account_username_key') ? conflict('email.taken') : err;
};
/** @throws conflict email.taken */
export const insertAccount = async (tx: Tx, a: NewAccount): Promise<Account> => {
  const username = a.email.toLowerCase();
  const { identifiers } = await em(tx)
    .insert(accounts, {
      ...(a.id !== undefined && { id: a.id }),
      uuid: a.uuid,
      username,
      email: username,
      firstName: a.firstName,
      lastName: a.lastName,
      passwordHash: a.passwordHash ?? null,
      isSuperuser: a.isSuperuser ?? false,
      defaultProject: a.uuid,
      madeBy: a.madeBy ?? null,
      affiliation: a.affiliation ?? null,
      ...(a.metadata !== undefined && a.metadata !== null && { metadata: a.metadata }),
      termsExempt: a.termsExempt ?? false,
    })
    .catch(asConflict);
  return lockedAccount(tx, Number(identifiers[0]?.id));
};
type Key = 'id' | 'uuid' | 'username';
const SELECT = `select ${columns(accounts, 'a')},
    array(select g.name from group_member m join account_group g on g.id = m.group_id
      where m.account_id = a.id order by g.id) "groups"
  from account a`;
/** SQL: with the names of the groups. */
export const findAccount = async (q: Queryable, key: Key, value: string | number): Promise<Account | undefined> =>
  (await sql<Account>(q, `${SELECT} where a.${key} = $1`, [value]))[0];
/** SQL: locks the row. */
export const lockAccount = async (tx: Tx, key: Key, value: string | number): Promise<Account | undefined> =>
  (await sql<Account>(tx, `${SELECT} where a.${key} = $1 for no key update`, [value]))[0];
/** Reads again an account that this transaction holds. */
export const lockedAccount = async (tx: Tx, id: number): Promise<Account> => {
  const account = await lockAccount(tx, 'id', id);
  if (!account) throw new Error(`account ${id} is missing`);
  return account;
};
/** Lets nobody else create the user of this uuid until the transaction ends. SQL: an advisory lock. */
export const lockUuid = (tx: Tx, accountUuid: string): Promise<unknown> =>
  sql(tx, 'select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.accountUuid, accountUuid]);
/** A page by id, after the account of the uuid `marker`. SQL: a list page. */
export const listAccounts = (
  q: Queryable,
  { limit, marker }: { limit: number; marker?: string | undefined },
): Promise<Account[]> =>
  sql<Account>(
    q,
    `${SELECT} where a.id > coalesce((select id from account where uuid = $2::uuid), 0) order by a.id limit $1`,
    [limit, marker ?? null],
  );

const CHANGES: Record<keyof AccountChange, string> = {
  username: 'username = $2, email = $2',
  firstName: 'first_name = $2',
  lastName: 'last_name = $2',
  passwordHash: 'password_hash = $2',
  affiliation: 'affiliation = $2',
  metadata: 'metadata = $2::jsonb',
  verified: 'email_verified = $2, verified_at = now()',
  acceptedPolicy: `moderated = true, moderated_at = now(), is_rejected = false, rejected_reason = null,
    accepted_policy = $2`,
  rejectedReason: 'moderated = true, moderated_at = now(), is_rejected = true, rejected_reason = $2',
  active: 'is_active = $2',
  deactivatedReason: 'is_active = false, deactivated_reason = $2, deactivated_at = now()',
  // By the clock, as the terms are: `now()` is the beginning of the transaction, which may be before them.
  signedTerms: 'has_signed_terms = $2, date_signed_terms = clock_timestamp()',
  termsExempt: 'terms_exempt = $2',
  defaultProject: 'default_project = $2',
  loggedIn: 'last_login = case when $2::boolean then now() else last_login end',
};
/**
 * One statement per named change, in the order given. SQL: computed columns.
 * @throws conflict email.taken
 */
export const updateAccount = async (tx: Tx, id: number, change: AccountChange): Promise<void> => {
  for (const [key, value] of Object.entries(change) as [keyof AccountChange, unknown][]) {
    if (value === undefined) continue;
    await run(tx, `update account set ${CHANGES[key]}, updated_at = now() where id = $1`, [
      id,
      key === 'metadata' ? JSON.stringify(value) : key === 'username' ? (value as string).toLowerCase() : value,
    ]).catch(asConflict);
  }
};
/**
 * Locks the active superusers, by id. To be called before any other account is locked, so that transactions do not wait
 * for each other in a circle. SQL: locks rows.
 * @returns their ids
 */
export const lockSuperusers = async (tx: Tx): Promise<number[]> =>
  (
    await sql<Pick<AccountRow, 'id'>>(
      tx,
      `select ${columns(accounts, undefined, ['id'])} from account
       where is_superuser and is_active order by account.id for no key update`,
    )
  ).map((row) => row.id);
export const deleteAccount = async (tx: Tx, id: number): Promise<void> => {
  await em(tx).delete(accounts, { id });
};
/**
 * Deletes an unverified account of this address, so that another user can sign up with it (contract identity §8.1).
 */
export const deleteUnverifiedNamesake = async (tx: Tx, email: string, exceptUuid: string): Promise<void> => {
  await em(tx).delete(accounts, { username: email.toLowerCase(), uuid: Not(exceptUuid), emailVerified: false });
};
