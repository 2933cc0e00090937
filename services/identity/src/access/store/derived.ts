import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

// Everything here is SQL: recursive, batched or locking. Application credentials belong to a later area, which declares
// their table; here they are read as what was made with a token.

/** Tokens by their public names, and application credentials by their ids. */
export interface Derived {
  tokens: string[];
  credentials: string[];
}
/** What a search leaves out. */
export interface Exclusion {
  /** Named tokens and credentials: only tokens that were exchanged for another are found. */
  named?: boolean;
  /** Application credentials of this account. */
  credentialsOf?: number | null;
}
/** What a search begins with: `account` means all tokens of that account. */
export interface Roots extends Derived {
  account?: number;
}
/**
 * A token with which something may still be made. Minting checks the parent's expiry as of the start of its
 * transaction, and no transaction takes an hour: what expired before that need not be revoked.
 */
const MAY_MAKE = "revoked_at is null and (expires_at is null or expires_at > now() - interval '1 hour')";
const LIVES = "(revoked_at is null and kind <> 'component')";
// Follows, by index, what was made with what. Of an account's tokens that are over, only those with which something was
// made matter. `offset 0` keeps PostgreSQL from turning the look-up by index into a scan of the whole table.
const MADE = `recursive made (token, hash, lives, credential) as (
  (
    select a, t.hash, coalesce(t.lives, false), null::text from unnest($1::text[]) a
      left join lateral (select hash, ${LIVES} lives from token where audit_id = a offset 0) t on true
    union all select null, null, false, c from unnest($2::text[]) c
    union all select audit_id, hash, ${LIVES}, null from token t where account_id = $5::int and (${MAY_MAKE}
      or exists (select from token k where k.parent_audit_id = t.audit_id offset 0)
      or exists (select from application_credential c where c.parent_audit_id = t.audit_id offset 0))
  )
  union
  select x.token, x.hash, x.lives, x.credential from made m cross join lateral (
    select audit_id, hash, ${LIVES}, null::text from token where parent_audit_id = m.token and not ($3 and kind = 'api')
    union all
    select null, null, false, c.id from application_credential c
      where c.parent_audit_id = m.token and not $3 and c.account_id is distinct from $4::int
    union all
    select audit_id, hash, ${LIVES}, null from token where application_credential_id = m.credential
  ) x (token, hash, lives, credential)
)`;
const valuesOf = (
  { tokens, credentials, account }: Roots,
  { named = false, credentialsOf = null }: Exclusion,
): unknown[] => [tokens, credentials, named, credentialsOf, account ?? null];
/** The roots and everything that was made with them. */
export const findDerived = async (tx: Tx, roots: Roots, exclusion: Exclusion = {}): Promise<Derived> => {
  const rows = await sql<{ token: string | null; credential: string | null }>(
    tx,
    `with ${MADE} select token, credential from made`,
    valuesOf(roots, exclusion),
  );
  return { tokens: rows.flatMap((r) => r.token ?? []), credentials: rows.flatMap((r) => r.credential ?? []) };
};
export interface Ended {
  /** Number of tokens that were revoked now. */
  tokens: number;
  /** The accounts that held them. */
  accounts: number[];
  /** Keys (hex) of those that no account held. */
  keys: string[];
  /** Number of tokens found that were not revoked when the search began. */
  live: number;
  credentials: string[];
}
/**
 * Revokes the roots and what was made with them, in one statement, since they may be very many. It locks them ordered
 * by public name, so that two revocations at once can not deadlock. Finds credentials too, and leaves them as they are.
 */
export const revokeDerived = async (tx: Tx, roots: Roots, exclusion: Exclusion = {}): Promise<Ended> =>
  (
    await sql<Ended & Record<string, unknown>>(
      tx,
      `with ${MADE}, held as (
        select hash from token where hash = any(array(select hash from made where lives)) and revoked_at is null
        order by audit_id for no key update
      ), ended as (
        update token t set revoked_at = now() from held where t.hash = held.hash returning t.account_id, t.hash
      ) select (select count(*)::int from ended) tokens,
        array(select distinct account_id::int from ended where account_id is not null) accounts,
        array(select encode(hash, 'hex') from ended where account_id is null) keys,
        (select count(*)::int from made where lives) live,
        array(select credential from made where credential is not null) credentials`,
      valuesOf(roots, exclusion),
    )
  )[0] as Ended;
/** Revokes an account's tokens that have no name, and nothing that was made with them. @returns how many */
export const revokeSignIns = (tx: Tx, accountId: number): Promise<number> =>
  run(
    tx,
    `with held as (
      select hash from token where account_id = $1 and kind not in ('api', 'component') and ${MAY_MAKE}
      order by audit_id for no key update
    ) update token t set revoked_at = now() from held where t.hash = held.hash`,
    [accountId],
  );
export const findCredentialIds = async (q: Queryable, accountId: number): Promise<string[]> => {
  const rows = await sql<{ id: string }>(q, 'select id from application_credential where account_id = $1', [accountId]);
  return rows.map((row) => row.id);
};
/** Locks the credentials: no token is made by them until the transaction ends. */
export const lockCredentials = (tx: Tx, ids: readonly string[]): Promise<unknown> =>
  sql(tx, 'select 1 from application_credential where id = any($1) order by id for update', [ids]);
export const deleteCredentials = (tx: Tx, ids: readonly string[]): Promise<{ accountId: number }[]> =>
  sql(tx, 'delete from application_credential where id = any($1) returning account_id::int "accountId"', [ids]);
/** Keeps the credential from being deleted until the transaction ends. @returns false when there is none */
export const shareLockCredential = async (tx: Tx, id: string): Promise<boolean> =>
  (await run(tx, 'select 1 from application_credential where id = $1 for key share', [id])) === 1;
/** Keeps the token from being revoked until the transaction ends. @returns false when it is revoked or expired */
export const shareLockParent = async (tx: Tx, auditId: string): Promise<boolean> => {
  const found = await run(
    tx,
    `select 1 from token where audit_id = $1 and revoked_at is null
      and (expires_at is null or expires_at > now()) for share`,
    [auditId],
  );
  return found === 1;
};
/** @returns the token's key (hex); undefined when it was read-only already, or there is no such token */
export const setReadOnly = async (tx: Tx, auditId: string): Promise<string | undefined> => {
  const rows = await sql<{ key: string }>(
    tx,
    `update token set read_only = true where audit_id = $1 and kind <> 'component' and not read_only
      returning encode(hash, 'hex') key`,
    [auditId],
  );
  return rows[0]?.key;
};
/**
 * What was made for a project, by account: tokens (what was made with them may live on) and application
 * credentials. @param accounts uuids; null: everybody's
 */
export const listMadeForProject = (
  tx: Tx,
  project: string,
  accounts: readonly string[] | null,
): Promise<({ account: number } & Derived)[]> =>
  sql(
    tx,
    `select a.id::float8 account,
      array(select audit_id from token where project = $1 and account_id = a.id order by audit_id) tokens,
      array(select id from application_credential where project = $1 and account_id = a.id order by id) credentials
    from account a where a.id in (
      select account_id from token where project = $1 union
      select account_id from application_credential where project = $1)
      and ($2::uuid[] is null or a.uuid = any($2)) order by a.id`,
    [project, accounts],
  );
