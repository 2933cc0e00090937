import { run, sql, type Fault, type Queryable, type Tx } from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';
import type { ListSpec } from '../../lists/list-query.js';

export interface TokenRow {
  id: number;
  user_id: number;
  name: string;
  read_only: boolean;
  audit_id: string | null;
  created_at: string;
  expires_at: string | null;
  revoked: boolean;
}
const COLUMNS =
  't.id, t.user_id, t.name, t.read_only, t.audit_id, t.created_at, t.expires_at, t.revoked_at is not null revoked';
export const tokenList: ListSpec = {
  select: COLUMNS,
  from: 'portal_token t',
  fields: {
    id: { sql: 't.id', type: 'int' },
    name: { sql: 't.name', type: 'text' },
    created: { sql: 't.created_at', type: 'time' },
  },
  search: ['t.name'],
  ordering: '-id',
  tie: 't.id',
};
/** @throws `gone` when the user was deleted meanwhile */
export const insertToken = async (
  tx: Tx,
  t: {
    userId: number;
    name: string;
    readOnly: boolean;
    told: boolean;
    auditId: string;
    createdAt: string;
    expiresAt: string | null;
  },
  gone?: Fault,
): Promise<TokenRow> =>
  (
    await sql<TokenRow>(
      tx,
      `insert into portal_token as t (user_id, name, read_only, read_only_told, audit_id, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
      [t.userId, t.name, t.readOnly, t.told, t.auditId, t.createdAt, t.expiresAt],
    ).catch(unlessUserGone(gone))
  )[0] as TokenRow;
export const countTokens = async (q: Queryable, userId: number): Promise<number> =>
  (
    await sql<{ n: number }>(q, 'select count(*)::int n from portal_token where user_id = $1 and revoked_at is null', [
      userId,
    ])
  )[0]?.n ?? 0;
/** Refuses the token from now on. @returns its public name; undefined when the user has no such token */
export const revokeToken = async (tx: Tx, userId: number, id: number, now: Date): Promise<string | undefined> =>
  (
    await sql<{ audit_id: string }>(
      tx,
      'update portal_token set revoked_at = coalesce(revoked_at, $3) where id = $2 and user_id = $1 returning audit_id',
      [userId, id, now],
    )
  )[0]?.audit_id;
export const findToken = async (q: Queryable, id: number): Promise<TokenRow | undefined> =>
  (await sql<TokenRow>(q, `select ${COLUMNS} from portal_token t where t.id = $1`, [id]))[0];
/** Once identity refuses a token and nobody can still remember it as good, nothing need be known of it. */
export const listRevoked = async (q: Queryable, limit: number): Promise<number[]> =>
  (
    await sql<{ id: number }>(q, 'select id from portal_token where revoked_at is not null order by id limit $1', [
      limit,
    ])
  ).map((row) => row.id);
/** Read-only tokens of which identity does not know that they are. */
export const listUntold = (q: Queryable, limit: number): Promise<{ id: number; audit_id: string }[]> =>
  sql(
    q,
    'select id, audit_id from portal_token where read_only and not read_only_told and revoked_at is null and audit_id is not null order by id limit $1',
    [limit],
  );
export const markToldReadOnly = (q: Queryable, id: number): Promise<number> =>
  run(q, 'update portal_token set read_only_told = true where id = $1', [id]);
export const auditIdsOf = async (q: Queryable, userId: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(q, 'select audit_id id from portal_token where user_id = $1 and audit_id is not null', [
      userId,
    ])
  ).map((row) => row.id);
export const removeRevoked = (q: Queryable, id: number, before: Date): Promise<number> =>
  run(q, 'delete from portal_token where id = $1 and revoked_at < $2', [id, before]);
