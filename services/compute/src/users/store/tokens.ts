import { columns, em, run, sql, type Fault, type Queryable, type Tx } from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';
import { portalTokens, type PortalToken } from '../../access/tables.js';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';

const SHOWN = [
  'id',
  'userId',
  'name',
  'readOnly',
  'auditId',
  'createdAt',
  'expiresAt',
] as const satisfies readonly (keyof PortalToken)[];
/** A token as the domain sees it. */
export interface Token extends Pick<PortalToken, (typeof SHOWN)[number]> {
  revoked: boolean;
}
const COLUMNS = `${columns(portalTokens, 't', SHOWN)}, t.revoked_at is not null revoked`;
const tokenList: ListSpec = {
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
/** A page of the user's tokens that are not revoked. @throws Fault not_found/page, invalid/filter */
export const pageOfTokens = (q: Queryable, userId: number, query: Query): Promise<Page<Token>> =>
  pageOf<Token>(q, tokenList, query, [{ sql: 't.user_id = $::int and t.revoked_at is null', values: [userId] }]);

export type NewToken = Pick<
  PortalToken,
  'userId' | 'name' | 'readOnly' | 'readOnlyAtIdentity' | 'createdAt' | 'expiresAt'
> & { auditId: string };
/** @throws `gone` when the user was deleted meanwhile */
export const insertToken = async (tx: Tx, token: NewToken, gone?: Fault): Promise<Token> =>
  (
    await sql<Token>(
      tx,
      // SQL: the row is shown with the time that PostgreSQL stored.
      `insert into portal_token as t (user_id, name, read_only, read_only_told, audit_id, created_at, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
      [
        token.userId,
        token.name,
        token.readOnly,
        token.readOnlyAtIdentity,
        token.auditId,
        token.createdAt,
        token.expiresAt,
      ],
    ).catch(unlessUserGone(gone))
  )[0] as Token;
/** How many tokens of the user are not revoked. */
export const countTokens = async (q: Queryable, userId: number): Promise<number> =>
  (
    await sql<{ n: number }>(q, 'select count(*)::int n from portal_token where user_id = $1 and revoked_at is null', [
      userId,
    ])
  )[0]?.n ?? 0;
/** Has the token refused here from now on. @returns its public name; undefined when the user has no such token */
export const revokeToken = async (tx: Tx, userId: number, id: number, now: Date): Promise<string | null | undefined> =>
  (
    await sql<{ auditId: string | null }>(
      tx,
      // SQL: the first time of revocation stays.
      `update portal_token set revoked_at = coalesce(revoked_at, $3)
      where id = $2 and user_id = $1 returning audit_id "auditId"`,
      [userId, id, now],
    )
  )[0]?.auditId;
export const findToken = (q: Queryable, id: number): Promise<PortalToken | null> =>
  em(q).findOneBy(portalTokens, { id });
/** Ids of revoked tokens that still have a row. */
export const listRevoked = async (q: Queryable, limit: number): Promise<number[]> =>
  (
    await sql<{ id: number }>(q, 'select id from portal_token where revoked_at is not null order by id limit $1', [
      limit,
    ])
  ).map((row) => row.id);
/** Read-only tokens of which identity does not know that they are. */
export const listReadOnlyUnknown = (q: Queryable, limit: number): Promise<{ id: number; auditId: string }[]> =>
  sql(
    q,
    // SQL: the condition is that of the index portal_token_untold_idx.
    `select id, audit_id "auditId" from portal_token
    where read_only and not read_only_told and revoked_at is null and audit_id is not null order by id limit $1`,
    [limit],
  );
export const markReadOnlyKnown = async (q: Queryable, id: number): Promise<void> => {
  await em(q).update(portalTokens, { id }, { readOnlyAtIdentity: true });
};
/** Public names of all tokens of the user. */
export const auditIdsOf = async (q: Queryable, userId: number): Promise<string[]> =>
  (await em(q).find(portalTokens, { where: { userId }, select: { auditId: true } })).flatMap(({ auditId }) =>
    auditId === null ? [] : [auditId],
  );
/** Removes the row of a token that was revoked before this time. */
export const removeRevoked = (q: Queryable, id: number, before: Date): Promise<number> =>
  run(q, 'delete from portal_token where id = $1 and revoked_at < $2', [id, before]);
