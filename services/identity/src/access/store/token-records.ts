import { columns, prepared, type Queryable, type Row } from '@nefos/service-kit';
import { termsMet } from './holders.js';
import { tokens } from './tokens.js';

type TokenRow = Row<typeof tokens>;
export interface TokenUser {
  id: number;
  uuid: string;
  username: string;
  name: string;
  isActive: boolean;
  isSuperuser: boolean;
  defaultProject: string;
  /** Whether no terms of use wait to be signed. */
  termsSigned: boolean;
  groupIds: readonly number[];
}
const COLUMNS = [
  'auditId',
  'kind',
  'pad',
  'scope',
  'project',
  'methods',
  'createdAt',
  'expiresAt',
  'readOnly',
] as const;
/** A token that is not revoked, with its holder as of the look-up. Instants are ISO 8601 with microseconds, in UTC. */
export interface TokenRecord extends Readonly<Pick<TokenRow, (typeof COLUMNS)[number]>> {
  /** SHA-256 of the token, in hex. */
  key: string;
  /** Milliseconds to live when it was read; null: it does not expire. */
  leftMs: number | null;
  /** Whether it may only read: it was made so, or its credential has no role that writes. */
  readOnly: boolean;
  credential: { id: string; name: string; unrestricted: boolean; roles: readonly string[] } | null;
  /** The name of the project that the token is scoped to; null: it has none, or that is the holder's own. */
  projectName: string | null;
  user: TokenUser | null;
  component: { id: number; name: string; rights: readonly string[] } | null;
}

/** A row of the look-up. Holders come as JSON arrays, which are shorter than objects. */
interface FoundRow extends Pick<TokenRow, (typeof COLUMNS)[number]> {
  key: string;
  leftMs: number | null;
  projectName: string | null;
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
/**
 * SQL, since it is the hottest statement: one prepared statement for any number of tokens, which evaluates the terms of
 * use once. Each row is one JSON value, since parsing thirty fields of PostgreSQL's protocol costs several times as
 * much. Groups come as ids; the directory knows their names. The own project needs no look-up: its name is made of the
 * uuid.
 */
const lookup = (condition: string): string => `
  select row_to_json(x) found from (
    select encode(t.hash, 'hex') "key", ${columns(tokens, 't', COLUMNS)},
      extract(epoch from t.expires_at - now())::float8 * 1000 "leftMs", j.realname "projectName",
      case when a.id is not null then json_build_array(a.id, a.uuid, a.username, a.first_name, a.last_name, a.is_active,
        a.is_superuser, a.default_project, ${termsMet('$2')},
        array(select group_id from group_member where account_id = a.id order by group_id)) end "user",
      case when p.id is not null then json_build_array(p.id, p.name, p.rights) end component,
      case when c.id is not null then json_build_array(c.id, c.name, c.unrestricted, c.roles) end credential
    from token t
      left join account a on a.id = t.account_id
      left join component p on p.id = t.component_id
      left join project j on j.uuid =
        case when t.scope = 'project' then nullif(coalesce(t.project, a.default_project), a.uuid) end
      left join application_credential c on c.id = t.application_credential_id
    where ${condition} and t.revoked_at is null) x`;
// The inner select hides from the planner how many tokens are looked for. It thinks a plan for few of them so much
// cheaper that it would plan each look-up anew, which costs five times as much as the look-up itself.
const BY_HASHES = lookup("t.hash = any((select string_to_array($1, ','))::bytea[])");
const BY_AUDIT_ID = lookup('t.audit_id = $1');

const userOf = (user: NonNullable<FoundRow['user']>): TokenUser => {
  const [id, uuid, username, firstName, lastName, isActive, isSuperuser, defaultProject, termsSigned, groupIds] = user;
  return {
    id,
    uuid,
    username,
    name: `${firstName} ${lastName}`,
    isActive,
    isSuperuser,
    defaultProject,
    termsSigned,
    groupIds,
  };
};
/** A credential without any of these roles may only read, and so may its tokens. */
const WRITING_ROLES = new Set(['member', 'manager', 'admin']);
// Written out: spreading a row makes objects on which every request is slower.
const recordOf = (row: FoundRow): TokenRecord => ({
  key: row.key,
  auditId: row.auditId,
  kind: row.kind,
  pad: row.pad,
  scope: row.scope,
  project: row.project,
  methods: row.methods,
  createdAt: row.createdAt,
  expiresAt: row.expiresAt,
  leftMs: row.leftMs,
  projectName: row.projectName,
  readOnly: row.readOnly || (row.credential !== null && !row.credential[3].some((role) => WRITING_ROLES.has(role))),
  user: row.user && userOf(row.user),
  component: row.component && { id: row.component[0], name: row.component[1], rights: row.component[2] },
  credential: row.credential && {
    id: row.credential[0],
    name: row.credential[1],
    unrestricted: row.credential[2],
    roles: row.credential[3],
  },
});
const find = async (db: Queryable, statement: string, value: string, adminGroups: readonly string[]) => {
  const rows = await prepared<{ found: FoundRow }>(db, statement, [value, adminGroups]);
  return rows.map(({ found }) => recordOf(found));
};
/** Tokens by the hex of their hashes, in one statement; revoked ones are absent, expired ones are not. */
export const findTokens = (
  db: Queryable,
  keys: readonly string[],
  adminGroups: readonly string[],
): Promise<TokenRecord[]> => find(db, BY_HASHES, keys.map((key) => `\\x${key}`).join(','), adminGroups);
/** The token of this public name, if it is not revoked. */
export const findTokenByAuditId = async (
  db: Queryable,
  auditId: string,
  adminGroups: readonly string[],
): Promise<TokenRecord | undefined> => (await find(db, BY_AUDIT_ID, auditId, adminGroups))[0];
