import { sql, type Queryable } from '@nefos/service-kit';

/** Whose the token is, also a revoked one: what was made with that may live. Undefined for a component's and for none. */
export const ownerOfToken = async (q: Queryable, auditId: string): Promise<string | undefined> =>
  (await sql<{ uuid: string }>(q, 'select a.uuid from token t join account a on a.id = t.account_id where t.audit_id = $1', [auditId]))[0]?.uuid;
/** Whether `actor` made the owner's token, by the record of that. By index of its target. */
export const wasMadeBy = async (q: Queryable, token: { auditId: string; owner: string }, actor: string): Promise<boolean> =>
  (
    await sql(q, `select 1 from audit_event where target = $1 and action = 'token.mint' and actor = $2 and detail->>'audit_id' = $3 limit 1`, [
      token.owner,
      actor,
      token.auditId,
    ])
  ).length === 1;
