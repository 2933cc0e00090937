import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

/** What was made with some tokens and credentials, and those themselves, in both tables. */
export interface Made {
  tokens: string[];
  credentials: string[];
}
/** What to leave out of what was made. */
export interface Except {
  /** All but tokens that were exchanged for others: named tokens and credentials. */
  kept?: boolean;
  /** Application credentials of this account. */
  credentialsOf?: number | null;
}
/** What a search begins with: `account` means all tokens of that account. */
export interface Roots extends Made {
  account?: number;
}
/**
 * A token with which something may still be made. Whoever makes a token looks at the expiry when the transaction begins, and none takes an
 * hour: what expired before that need not be revoked.
 */
const MAY_MAKE = "revoked_at is null and (expires_at is null or expires_at > now() - interval '1 hour')";
const LIVES = "(revoked_at is null and kind <> 'component')";
// Follows what was made with what as far as it goes, by index. Of an account's tokens that are over, only those with which something
// was made lead anywhere; `offset 0`: that is looked up by index for each, never by reading everybody's tokens.
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
  { kept = false, credentialsOf = null }: Except,
): unknown[] => [tokens, credentials, kept, credentialsOf, account ?? null];
/** What was made with the roots, and those themselves. */
export const findDerived = async (tx: Tx, roots: Roots, except: Except = {}): Promise<Made> => {
  const rows = await sql<{ token: string | null; credential: string | null }>(
    tx,
    `with ${MADE} select token, credential from made`,
    valuesOf(roots, except),
  );
  return { tokens: rows.flatMap((r) => r.token ?? []), credentials: rows.flatMap((r) => r.credential ?? []) };
};
export interface Ended {
  /** How many were revoked. */ tokens: number;
  /** Whose they were. */ accounts: number[];
  /** Those of nobody. */ keys: string[];
  /** How many were found that nobody had revoked when the search began. */ live: number;
  credentials: string[];
}
/**
 * Revokes the roots and what was made with them, in one statement: there may be very many. In order of their names, so that two
 * revocations at once do not wait for each other. Credentials are found and left as they are.
 */
export const revokeDerived = async (tx: Tx, roots: Roots, except: Except = {}): Promise<Ended> =>
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
      valuesOf(roots, except),
    )
  )[0] as Ended;
/** Revokes an account's tokens that are not named, and nothing that was made with them. @returns how many */
export const revokeSignIns = (tx: Tx, accountId: number): Promise<number> =>
  run(
    tx,
    `with held as (
      select hash from token where account_id = $1 and kind not in ('api', 'component') and ${MAY_MAKE}
      order by audit_id for no key update
    ) update token t set revoked_at = now() from held where t.hash = held.hash`,
    [accountId],
  );
/** Of all credentials of an account. */
export const credentialIdsOf = async (q: Queryable, accountId: number): Promise<string[]> =>
  (await sql<{ id: string }>(q, 'select id from application_credential where account_id = $1', [accountId])).map(
    (row) => row.id,
  );
/** Nobody makes a token by them from now on. */
export const lockCredentials = (tx: Tx, ids: readonly string[]): Promise<unknown> =>
  sql(tx, 'select 1 from application_credential where id = any($1) order by id for update', [ids]);
export const deleteCredentials = (tx: Tx, ids: readonly string[]): Promise<{ id: string; accountId: number }[]> =>
  sql(tx, 'delete from application_credential where id = any($1) returning id, account_id::int "accountId"', [ids]);
/** Keeps the credential until this transaction ends; false when it is gone. */
export const holdCredential = async (tx: Tx, id: string): Promise<boolean> =>
  (await sql(tx, 'select 1 from application_credential where id = $1 for key share', [id])).length === 1;
/** Whether the token may make others: it lives, and nobody revokes it before this transaction ends. */
export const holdParent = async (tx: Tx, auditId: string): Promise<boolean> =>
  (
    await sql(
      tx,
      'select 1 from token where audit_id = $1 and revoked_at is null and (expires_at is null or expires_at > now()) for share',
      [auditId],
    )
  ).length === 1;
/** @returns whose it is; undefined when it was so already, or there is no such token */
export const setReadOnly = async (
  tx: Tx,
  auditId: string,
): Promise<{ key: string; accountId: number | null } | undefined> =>
  (
    await sql<{ key: string; accountId: number | null }>(
      tx,
      `update token set read_only = true where audit_id = $1 and kind <> 'component' and not read_only
      returning encode(hash, 'hex') key, account_id::int "accountId"`,
      [auditId],
    )
  )[0];
