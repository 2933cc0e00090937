import { sql, type Tx } from '@nefos/service-kit';

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
/** Follows what was made with what as far as it goes, by index. */
export const findDerived = async (tx: Tx, { tokens, credentials }: Made, { kept = false, credentialsOf = null }: Except = {}): Promise<Made> => {
  const rows = await sql<{ token: string | null; credential: string | null }>(
    tx,
    `with recursive made (token, credential) as (
      (select a, null::text from unnest($1::text[]) a union select null, c from unnest($2::text[]) c)
      union
      select x.token, x.credential from made m cross join lateral (
        select k.audit_id, null::text from token k where k.parent_audit_id = m.token and not ($3 and k.kind = 'api')
        union all
        select null, c.id from application_credential c where c.parent_audit_id = m.token and not $3 and c.account_id is distinct from $4::int
        union all
        select k.audit_id, null from token k where k.application_credential_id = m.credential
      ) x (token, credential)
    ) select token, credential from made`,
    [tokens, credentials, kept, credentialsOf],
  );
  return { tokens: rows.flatMap((r) => r.token ?? []), credentials: rows.flatMap((r) => r.credential ?? []) };
};
/** In order of their names, so that two revocations at once do not wait for each other. @returns whose tokens were revoked */
export const revokeTokens = (tx: Tx, auditIds: readonly string[]): Promise<{ auditId: string; key: string; accountId: number | null }[]> =>
  sql(
    tx,
    `with held as (select hash from token where audit_id = any($1) and revoked_at is null and kind <> 'component' order by audit_id for no key update)
    update token t set revoked_at = now() from held where t.hash = held.hash
    returning t.audit_id "auditId", encode(t.hash, 'hex') key, t.account_id::int "accountId"`,
    [auditIds],
  );
/** Nobody makes a token by them from now on. */
export const lockCredentials = (tx: Tx, ids: readonly string[]): Promise<unknown> =>
  sql(tx, 'select 1 from application_credential where id = any($1) order by id for update', [ids]);
export const deleteCredentials = (tx: Tx, ids: readonly string[]): Promise<{ id: string; accountId: number }[]> =>
  sql(tx, 'delete from application_credential where id = any($1) returning id, account_id::int "accountId"', [ids]);
/** Whether the token may make others: it lives, and nobody revokes it before this transaction ends. */
export const holdParent = async (tx: Tx, auditId: string): Promise<boolean> =>
  (await sql(tx, 'select 1 from token where audit_id = $1 and revoked_at is null and (expires_at is null or expires_at > now()) for share', [auditId]))
    .length === 1;
/** All that are known, also those that are over: what was made with them may live. `named` false: without the ones that are kept. */
export const tokensOf = async (tx: Tx, accountId: number, { named = true } = {}): Promise<string[]> =>
  (await sql<{ id: string }>(tx, "select audit_id id from token where account_id = $1 and ($2 or kind <> 'api')", [accountId, named])).map((row) => row.id);
/** @returns whose it is; undefined when it was so already, or there is no such token */
export const setReadOnly = async (tx: Tx, auditId: string): Promise<{ key: string; accountId: number | null } | undefined> =>
  (
    await sql<{ key: string; accountId: number | null }>(
      tx,
      `update token set read_only = true where audit_id = $1 and kind <> 'component' and not read_only
      returning encode(hash, 'hex') key, account_id::int "accountId"`,
      [auditId],
    )
  )[0];
