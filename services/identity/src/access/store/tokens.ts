import { prepared, run, sql, type Db, type Queryable } from '@nefos/service-kit';
import { termsMet } from './holders.js';

export type TokenKind = 'api' | 'session' | 'v3' | 'appcred' | 'component';
export type Scope = 'project' | 'domain' | 'system' | 'none';
export interface TokenUser {
  id: number;
  uuid: string;
  username: string;
  name: string;
  isActive: boolean;
  isSuperuser: boolean;
  defaultProject: string;
  /** Whether no terms of use wait to be signed. */ termsSigned: boolean;
  groupIds: readonly number[];
}
/** A token that is not revoked, with its holder as he is now. Instants are ISO 8601 with microseconds, in UTC. */
export interface TokenRecord {
  /** SHA-256 of the token, in hex. */
  key: string;
  auditId: string;
  kind: TokenKind;
  /** Number of `=` that the token ends with when shown. */ pad: number;
  scope: Scope;
  project: string | null;
  methods: readonly string[];
  createdAt: string;
  expiresAt: string | null;
  /** Milliseconds to live when it was read; null: for ever. */ leftMs: number | null;
  /** Whether it may only read: it was made so, or its credential has no role that writes. */ readOnly: boolean;
  credential: { id: string; name: string; unrestricted: boolean; roles: readonly string[] } | null;
  user: TokenUser | null;
  component: { id: number; name: string; rights: readonly string[] } | null;
}
export interface NewToken {
  hash: Buffer;
  auditId: string;
  kind: TokenKind;
  hint: string;
  pad?: number;
  accountId?: number;
  componentId?: number;
  credentialId?: string | null;
  label?: string;
  scope?: Scope;
  project?: string | null;
  methods?: readonly string[];
  /** The token it is made with. */ parentAuditId?: string | null;
  readOnly?: boolean;
  /** Life in seconds, or an instant; neither: for ever. Never longer than `notAfter`. */ seconds?: number;
  expiresAt?: string | null;
  notAfter?: string | null;
}
export interface TokenSummary {
  auditId: string;
  createdAt: string;
  expiresAt: string | null;
}

interface Row {
  key: string;
  audit: string;
  kind: TokenRecord['kind'];
  pad: number;
  scope: TokenRecord['scope'];
  project: string | null;
  methods: string[];
  created: string;
  expires: string | null;
  left_ms: number | null;
  read_only: boolean;
  user:
    | [
        id: number,
        uuid: string,
        username: string,
        firstName: string,
        lastName: string,
        isActive: boolean,
        isSuperuser: boolean,
        defaultProject: string,
        termsSigned: boolean,
        groupIds: number[],
      ]
    | null;
  component: [id: number, name: string, rights: string[]] | null;
  credential: [id: string, name: string, unrestricted: boolean, roles: string[]] | null;
}
// The terms are looked up once for the whole statement; groups are ids, their names are few and kept in memory. A row comes as one piece of
// JSON: taking thirty fields of PostgreSQL's protocol apart costs several times as much.
const lookup = (condition: string): string => `
  select row_to_json(x) one from (
    select encode(t.hash, 'hex') "key", t.audit_id audit, t.kind, t.pad, t.scope, t.project, t.methods, t.read_only, t.created_at created, t.expires_at expires, extract(epoch from t.expires_at - now())::float8 * 1000 left_ms,
      case when a.id is not null then json_build_array(a.id, a.uuid, a.username, a.first_name, a.last_name, a.is_active, a.is_superuser, a.default_project,
        ${termsMet('$2')},
        array(select group_id from group_member where account_id = a.id order by group_id)) end "user",
      case when p.id is not null then json_build_array(p.id, p.name, p.rights) end component,
      case when c.id is not null then json_build_array(c.id, c.name, c.unrestricted, c.roles) end credential
    from token t left join account a on a.id = t.account_id left join component p on p.id = t.component_id left join application_credential c on c.id = t.application_credential_id
    where ${condition} and t.revoked_at is null) x`;
const BY_HASHES = lookup("t.hash = any(string_to_array($1, ',')::bytea[])");
const BY_AUDIT_ID = lookup('t.audit_id = $1');
const userOf = ([
  id,
  uuid,
  username,
  firstName,
  lastName,
  isActive,
  isSuperuser,
  defaultProject,
  termsSigned,
  groupIds,
]: NonNullable<Row['user']>): TokenUser => ({
  id,
  uuid,
  username,
  name: `${firstName} ${lastName}`,
  isActive,
  isSuperuser,
  defaultProject,
  termsSigned,
  groupIds,
});
// A credential that was given none of these roles may only read, and so may its tokens.
const WRITING = new Set(['member', 'manager', 'admin']);
const record = (r: Row): TokenRecord => ({
  key: r.key,
  auditId: r.audit,
  kind: r.kind,
  pad: r.pad,
  scope: r.scope,
  project: r.project,
  methods: r.methods,
  createdAt: r.created,
  expiresAt: r.expires,
  leftMs: r.left_ms,
  readOnly: r.read_only || (r.credential !== null && !r.credential[3].some((role) => WRITING.has(role))),
  user: r.user && userOf(r.user),
  component: r.component && { id: r.component[0], name: r.component[1], rights: r.component[2] },
  credential: r.credential && {
    id: r.credential[0],
    name: r.credential[1],
    unrestricted: r.credential[2],
    roles: r.credential[3],
  },
});
/** Tokens by the hex of their hashes, in one statement; revoked ones are absent, expired ones are not. */
export const findTokens = async (
  db: Db,
  keys: readonly string[],
  adminGroups: readonly string[],
): Promise<TokenRecord[]> =>
  (await prepared<{ one: Row }>(db, BY_HASHES, [keys.map((key) => `\\x${key}`).join(','), adminGroups])).map((row) =>
    record(row.one),
  );
/** The token of this public name, if it is not revoked. */
export const findTokenByAuditId = async (
  db: Db,
  auditId: string,
  adminGroups: readonly string[],
): Promise<TokenRecord | undefined> => {
  const [row] = await prepared<{ one: Row }>(db, BY_AUDIT_ID, [auditId, adminGroups]);
  return row && record(row.one);
};

/** Whose the token is, also a revoked one: what was made with that may live. Undefined for a component's and for none. */
export const ownerOfToken = async (q: Queryable, auditId: string): Promise<string | undefined> =>
  (
    await sql<{ uuid: string }>(
      q,
      'select a.uuid from token t join account a on a.id = t.account_id where t.audit_id = $1',
      [auditId],
    )
  )[0]?.uuid;

export const insertToken = async (q: Queryable, t: NewToken): Promise<TokenSummary | undefined> =>
  (
    await sql<TokenSummary>(
      q,
      `
  insert into token (hash, audit_id, kind, account_id, component_id, application_credential_id, hint, pad, label, scope, project, methods, parent_audit_id, read_only, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    least($15::timestamptz, now() + $17::float8 * interval '1 second', $16::timestamptz))
  on conflict (hash) do nothing returning audit_id "auditId", created_at "createdAt", expires_at "expiresAt"`,
      [
        t.hash,
        t.auditId,
        t.kind,
        t.accountId ?? null,
        t.componentId ?? null,
        t.credentialId ?? null,
        t.hint,
        t.pad ?? 0,
        t.label ?? '',
        t.scope ?? 'project',
        t.project ?? null,
        t.methods ?? [],
        t.parentAuditId ?? null,
        t.readOnly ?? false,
        t.expiresAt ?? null,
        t.notAfter ?? null,
        t.seconds ?? null,
      ],
    )
  )[0];

/** At most one write per token and minute. */
export const touchTokens = (db: Db, hashes: readonly Buffer[]): Promise<number> =>
  run(
    db,
    "update token set last_used_at = now() where hash = any($1::bytea[]) and (last_used_at is null or last_used_at < now() - interval '1 minute')",
    [hashes],
  );
/**
 * Removes what nobody can ask for any more: a week after expiry or revocation. A token with which something was made stays as long as
 * that does: its revocation, or that of what it came from, must find it. @returns rows removed, at most `batch`
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
/** Tokens that are good by themselves: neither revoked nor expired, by kind. */
export const countTokens = async (q: Queryable): Promise<[string, number][]> =>
  (
    await sql<{ kind: string; count: number }>(
      q,
      'select kind, count(*)::int count from token where revoked_at is null and (expires_at is null or expires_at > now()) group by 1',
    )
  ).map((row) => [row.kind, row.count]);
