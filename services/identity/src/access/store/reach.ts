import { sql, type Queryable } from '@nefos/service-kit';

/** Whose the token is, also a revoked one: what was made with that may live. Undefined for a component's and for none. */
export const ownerOfToken = async (q: Queryable, auditId: string): Promise<string | undefined> =>
  (
    await sql<{ uuid: string }>(
      q,
      'select a.uuid from token t join account a on a.id = t.account_id where t.audit_id = $1',
      [auditId],
    )
  )[0]?.uuid;
/** Whether `actor` made the token, by the record of that. By index of the token's public name. */
export const wasMadeBy = async (q: Queryable, auditId: string, actor: string): Promise<boolean> => {
  // The actor is compared here: where the statement names it, the database may choose to read all that this actor ever did.
  const makers = await sql<{ actor: string }>(
    q,
    `select actor from audit_event where action = 'token.mint' and detail->>'audit_id' = $1`,
    [auditId],
  );
  return makers.some((one) => one.actor === actor);
};
