import { run, sql, type Tx } from '@nefos/service-kit';
import type { NefosAccount } from '../domain/nefos-accounts.js';

/** In the order of their ids, so that two batches never wait for each other crosswise. */
export const lockNefosAccounts = async (
  tx: Tx,
  numbers: readonly string[],
  mode: 'share' | 'update',
): Promise<NefosAccount[]> =>
  (
    await sql<Omit<NefosAccount, 'sequence'> & { sequence: string }>(
      tx,
      `select n.client_id number, a.id "accountId", a.user_id "userId", n.id "nefosId", n.sequence, n.ended, a.name, a.closed_at "closedAt"
    from nefos_cloud_account n join cloud_account a on a.nefos_cloud_account_id = n.id where n.client_id = any($1::text[]) order by a.id for ${mode} of a`,
      [numbers],
    )
  ).map((a) => ({ ...a, sequence: Number(a.sequence) }));
export const findTombstones = (tx: Tx, numbers: readonly string[]): Promise<{ number: string; deletedAt: string }[]> =>
  sql(tx, 'select client_id number, deleted_at "deletedAt" from nefos_tombstone where client_id = any($1::text[])', [
    numbers,
  ]);

/** Users by account number; those that are missing are made. */
export const insertUsers = async (tx: Tx, numbers: readonly string[]): Promise<Map<string, string>> => {
  await run(
    tx,
    'insert into app_user (account_number) select * from unnest($1::text[]) n where not exists (select 1 from app_user where account_number = n) on conflict do nothing',
    [numbers],
  );
  return new Map(
    (
      await sql<{ account_number: string; id: string }>(
        tx,
        'select account_number, id from app_user where account_number = any($1::text[])',
        [numbers],
      )
    ).map((r) => [r.account_number, r.id]),
  );
};
/** Names of the users' open accounts, but for the accounts `except`. */
export const namesOf = async (
  tx: Tx,
  users: readonly string[],
  except: readonly string[] = [],
): Promise<Map<string, Set<string>>> => {
  const out = new Map<string, Set<string>>();
  for (const { user_id: user, name } of await sql<{ user_id: string; name: string }>(
    tx,
    'select user_id, name from cloud_account where user_id = any($1::bigint[]) and closed_at is null and id <> all($2::bigint[])',
    [users, except],
  ))
    out.set(user, (out.get(user) ?? new Set()).add(name));
  return out;
};
/** Both rows of accounts that nobody makes at the same time. @returns the numbers of those made here */
export const insertNefosAccounts = async (
  tx: Tx,
  accounts: readonly { number: string; userId: string; name: string }[],
): Promise<Set<string>> =>
  new Set(
    (
      await sql<{ client_id: string }>(
        tx,
        `
    with wanted as (select * from unnest($1::text[], $2::bigint[], $3::text[]) w(client_id, user_id, name)),
    content as (insert into nefos_cloud_account (client_id) select client_id from wanted order by client_id on conflict do nothing returning id, client_id),
    made as (insert into cloud_account (user_id, name, nefos_cloud_account_id) select w.user_id, w.name, c.id from content c join wanted w using (client_id))
    select client_id from content`,
        [accounts.map((a) => a.number), accounts.map((a) => a.userId), accounts.map((a) => a.name)],
      )
    ).map((r) => r.client_id),
  );

/** Whose tokens see the user's accounts: these people and no others. */
export const replaceLinks = async (
  tx: Tx,
  links: readonly { userId: string; identities: readonly string[] }[],
): Promise<void> => {
  if (!links.length) return;
  const pairs = links.flatMap(({ userId, identities }) => identities.map((uuid) => ({ userId, uuid })));
  await run(tx, 'delete from identity_link where user_id = any($1::bigint[])', [links.map((l) => l.userId)]);
  await run(
    tx,
    'insert into identity_link (user_id, uuid) select * from unnest($1::bigint[], $2::uuid[]) on conflict do nothing',
    [pairs.map((p) => p.userId), pairs.map((p) => p.uuid)],
  );
};
export const updateNefosAccounts = async (
  tx: Tx,
  accounts: readonly {
    accountId: string;
    nefosId: string;
    sequence: number;
    ended: boolean;
    name: string;
    closedAt: string | null;
  }[],
): Promise<void> => {
  await run(
    tx,
    `update nefos_cloud_account n set sequence = u.sequence, ended = u.ended, updated_at = clock_timestamp()
    from unnest($1::bigint[], $2::bigint[], $3::boolean[]) u(id, sequence, ended) where n.id = u.id`,
    [accounts.map((a) => a.nefosId), accounts.map((a) => a.sequence), accounts.map((a) => a.ended)],
  );
  await run(
    tx,
    `update cloud_account a set name = u.name, closed_at = u.closed_at, updated_at = clock_timestamp() from unnest($1::bigint[], $2::text[], $3::timestamptz[]) u(id, name, closed_at)
    where a.id = u.id and (a.name <> u.name or a.closed_at is distinct from u.closed_at)`,
    [accounts.map((a) => a.accountId), accounts.map((a) => a.name), accounts.map((a) => a.closedAt)],
  );
  await run(
    tx,
    'update instance i set closed = a.closed_at is not null from cloud_account a where a.id = any($1::bigint[]) and i.cloud_account_id = a.id and i.closed <> (a.closed_at is not null)',
    [accounts.map((a) => a.accountId)],
  );
};
