import {
  boolean,
  bytea,
  columns,
  instant,
  integer,
  nullable,
  run,
  safeInteger,
  smallint,
  sql,
  table,
  text,
  textArray,
  uuid,
  withDefault,
  type Db,
  type NewRow,
  type Queryable,
  type Row,
} from '@nefos/service-kit';

/**
 * `api`: named, made by a component for a user. `session`: of a browser. `v3`: of Keystone's v3. `appcred`: of an
 * application credential. `component`: of a service.
 */
export type TokenKind = 'api' | 'session' | 'v3' | 'appcred' | 'component';
/** What a token is scoped to, in Keystone's sense. */
export type Scope = 'project' | 'domain' | 'system' | 'none';

export const tokens = table(
  'token',
  {
    /** SHA-256 of the token without its base64 padding. */
    hash: bytea(),
    /** The public name of the token. */
    auditId: text(),
    kind: text<TokenKind>(),
    /** The holder is an account or a component. */
    accountId: nullable(safeInteger()),
    componentId: nullable(integer()),
    applicationCredentialId: nullable(text()),
    /** The first characters of the token. */
    hint: text(),
    /** Number of `=` that the token ends with when it is shown. */
    pad: withDefault(smallint()),
    label: withDefault(text()),
    scope: withDefault(text<Scope>()),
    project: nullable(uuid()),
    /** How the user authenticated, in Keystone's words. */
    methods: withDefault(textArray()),
    /** The token it was made with. */
    parentAuditId: nullable(text()),
    createdAt: withDefault(instant()),
    /** Null: it does not expire. */
    expiresAt: nullable(instant()),
    lastUsedAt: nullable(instant()),
    revokedAt: nullable(instant()),
    readOnly: withDefault(boolean()),
  },
  { primary: ['hash'] },
);
export interface NewToken extends Omit<NewRow<typeof tokens>, 'createdAt' | 'lastUsedAt' | 'revokedAt'> {
  /** Life in seconds, or `expiresAt`; neither: it does not expire. */
  seconds?: number;
  /** It expires at this instant at the latest. */
  notAfter?: string | null;
}
export type TokenSummary = Pick<Row<typeof tokens>, 'auditId' | 'createdAt' | 'expiresAt'>;

/**
 * Whose the token is, a revoked one's too: what was made with it may live on. Undefined for a component's and for none.
 */
export const findOwnerOfToken = async (q: Queryable, auditId: string): Promise<string | undefined> => {
  // SQL: the table of accounts belongs to a later area.
  const statement = 'select a.uuid from token t join account a on a.id = t.account_id where t.audit_id = $1';
  return (await sql<{ uuid: string }>(q, statement, [auditId]))[0]?.uuid;
};

// SQL: hot, and PostgreSQL computes the expiry.
const INSERT = `
  insert into token (hash, audit_id, kind, account_id, component_id, application_credential_id, hint, pad, label, scope,
    project, methods, parent_audit_id, read_only, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    least($15::timestamptz, now() + $17::float8 * interval '1 second', $16::timestamptz))
  on conflict (hash) do nothing returning ${columns(tokens, undefined, ['auditId', 'createdAt', 'expiresAt'])}`;
/** @returns undefined when the token is there already */
export const insertToken = async (q: Queryable, token: NewToken): Promise<TokenSummary | undefined> => {
  const rows = await sql<TokenSummary>(q, INSERT, [
    token.hash,
    token.auditId,
    token.kind,
    token.accountId ?? null,
    token.componentId ?? null,
    token.applicationCredentialId ?? null,
    token.hint,
    token.pad ?? 0,
    token.label ?? '',
    token.scope ?? 'project',
    token.project ?? null,
    token.methods ?? [],
    token.parentAuditId ?? null,
    token.readOnly ?? false,
    token.expiresAt ?? null,
    token.notAfter ?? null,
    token.seconds ?? null,
  ]);
  return rows[0];
};

/**
 * Notes that tokens were used, at most once a minute for each. SQL: batched and conditional. @returns how many were
 * noted
 */
export const touchTokens = (db: Db, hashes: readonly Buffer[]): Promise<number> =>
  run(
    db,
    `update token set last_used_at = now() where hash = any($1::bytea[])
      and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    [hashes],
  );
/**
 * Deletes tokens a week after they expired or were revoked. One with which something was made stays as long as that
 * does: its revocation, or that of its own parent, must find it. SQL: batched and conditional.
 * @returns number of deleted tokens, at most `batch`
 */
export const sweepTokens = (db: Db, batch: number): Promise<number> =>
  run(
    db,
    `delete from token where hash in (select hash from token t
      where (t.expires_at < now() - interval '7 days' or t.revoked_at < now() - interval '7 days')
      and not exists (select from token k where k.parent_audit_id = t.audit_id)
      and not exists (select from application_credential c where c.parent_audit_id = t.audit_id) limit $1)`,
    [batch],
  );
/** How many tokens of each kind are neither revoked nor expired. SQL: grouped. */
export const countTokens = async (q: Queryable): Promise<[kind: string, count: number][]> => {
  const rows = await sql<{ kind: string; count: number }>(
    q,
    `select kind, count(*)::int count from token
      where revoked_at is null and (expires_at is null or expires_at > now()) group by 1`,
  );
  return rows.map((row) => [row.kind, row.count]);
};
