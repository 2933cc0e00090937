import { run, sql, type Tx } from '@nefos/service-kit';

// SQL throughout: the accounts of a batch of events are handled together, a statement each.

/** The cloud account of a client of our own cloud. */
export interface NefosAccount {
  /** The number of its client. */
  number: string;
  accountId: string;
  userId: string;
  nefosId: string;
  /** Of the newest account event that took effect. */
  sequence: number;
  /** Whether its client is gone. */
  ended: boolean;
  name: string;
  /** When its client ended or a superuser closed it. */
  closedAt: string | null;
}
const ACCOUNTS = `
  select n.client_id number, a.id "accountId", a.user_id "userId", n.id "nefosId", n.sequence::float8 sequence, n.ended,
    a.name, a.closed_at "closedAt"
  from nefos_cloud_account n join cloud_account a on a.nefos_cloud_account_id = n.id
  where n.client_id = any($1::text[]) order by a.id`;
/** In the order of their ids, so that two batches never wait for each other in a circle. */
export const lockNefosAccounts = (
  tx: Tx,
  numbers: readonly string[],
  mode: 'share' | 'update',
): Promise<NefosAccount[]> => sql(tx, `${ACCOUNTS} for ${mode} of a`, [numbers]);

export const findTombstones = (tx: Tx, numbers: readonly string[]): Promise<{ number: string; deletedAt: string }[]> =>
  sql(tx, 'select client_id number, deleted_at "deletedAt" from nefos_tombstone where client_id = any($1::text[])', [
    numbers,
  ]);

/** Ids of users by account number; missing users are made. */
export const ensureUsers = async (tx: Tx, numbers: readonly string[]): Promise<Map<string, string>> => {
  await run(
    tx,
    `insert into app_user (account_number) select * from unnest($1::text[]) n
     where not exists (select 1 from app_user where account_number = n) on conflict do nothing`,
    [numbers],
  );
  const rows = await sql<{ number: string; id: string }>(
    tx,
    'select account_number number, id from app_user where account_number = any($1::text[])',
    [numbers],
  );
  return new Map(rows.map(({ number, id }) => [number, id]));
};

const NAMES = `select user_id "userId", name from cloud_account
  where user_id = any($1::bigint[]) and closed_at is null and id <> all($2::bigint[])`;
/** Names of the users' open accounts, without those of the accounts `except`. */
export const namesOf = async (
  tx: Tx,
  userIds: readonly string[],
  except: readonly string[] = [],
): Promise<Map<string, Set<string>>> => {
  const names = new Map<string, Set<string>>();
  for (const { userId, name } of await sql<{ userId: string; name: string }>(tx, NAMES, [userIds, except]))
    names.set(userId, (names.get(userId) ?? new Set()).add(name));
  return names;
};

const INSERT = `
  with wanted as (select * from unnest($1::text[], $2::bigint[], $3::text[]) w(client_id, user_id, name)),
  content as (
    insert into nefos_cloud_account (client_id) select client_id from wanted order by client_id
    on conflict do nothing returning id, client_id),
  account as (
    insert into cloud_account (user_id, name, nefos_cloud_account_id)
    select w.user_id, w.name, c.id from content c join wanted w using (client_id))
  select client_id number from content`;
/** Both rows of each account, unless another transaction makes it. @returns the numbers of those made here */
export const insertNefosAccounts = async (
  tx: Tx,
  accounts: readonly { number: string; userId: string; name: string }[],
): Promise<Set<string>> => {
  const inserted = await sql<{ number: string }>(tx, INSERT, [
    accounts.map((account) => account.number),
    accounts.map((account) => account.userId),
    accounts.map((account) => account.name),
  ]);
  return new Set(inserted.map(({ number }) => number));
};

/** From now on the tokens of these people, and of no others, see the user's accounts. */
export const replaceLinks = async (
  tx: Tx,
  links: readonly { userId: string; identities: readonly string[] }[],
): Promise<void> => {
  if (!links.length) return;
  const pairs = links.flatMap(({ userId, identities }) => identities.map((uuid) => ({ userId, uuid })));
  await run(tx, 'delete from identity_link where user_id = any($1::bigint[])', [links.map(({ userId }) => userId)]);
  await run(
    tx,
    `insert into identity_link (user_id, uuid) select * from unnest($1::bigint[], $2::uuid[]) on conflict do nothing`,
    [pairs.map(({ userId }) => userId), pairs.map(({ uuid }) => uuid)],
  );
};

export type NefosAccountChange = Pick<
  NefosAccount,
  'accountId' | 'nefosId' | 'sequence' | 'ended' | 'name' | 'closedAt'
>;
/** `cloud_account` and `instance` are written only when they change. */
export const updateNefosAccounts = async (tx: Tx, accounts: readonly NefosAccountChange[]): Promise<void> => {
  const accountIds = accounts.map((account) => account.accountId);
  await run(
    tx,
    `update nefos_cloud_account n set sequence = u.sequence, ended = u.ended, updated_at = clock_timestamp()
     from unnest($1::bigint[], $2::bigint[], $3::boolean[]) u(id, sequence, ended) where n.id = u.id`,
    [
      accounts.map((account) => account.nefosId),
      accounts.map((account) => account.sequence),
      accounts.map((account) => account.ended),
    ],
  );
  await run(
    tx,
    `update cloud_account a set name = u.name, closed_at = u.closed_at, updated_at = clock_timestamp()
     from unnest($1::bigint[], $2::text[], $3::timestamptz[]) u(id, name, closed_at)
     where a.id = u.id and (a.name <> u.name or a.closed_at is distinct from u.closed_at)`,
    [accountIds, accounts.map((account) => account.name), accounts.map((account) => account.closedAt)],
  );
  await run(
    tx,
    `update instance i set closed = a.closed_at is not null from cloud_account a
     where a.id = any($1::bigint[]) and i.cloud_account_id = a.id and i.closed <> (a.closed_at is not null)`,
    [accountIds],
  );
};
