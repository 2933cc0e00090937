import { sql, type Queryable, type Tx } from '@nefos/service-kit';

/**
 * Whether nothing hinders the account `a` for want of a signature: there are no terms, they do not bind the account (administrators and staff
 * of components would lock themselves out), or the last ones are signed. `groups`: the parameter with the administrators' groups.
 */
export const termsMet = (groups: string): string => `(
  not exists (select from approval_terms) or a.is_superuser or a.terms_exempt
  or coalesce(a.has_signed_terms and a.date_signed_terms >= (select max(date) from approval_terms), false)
  or exists (select from group_member m join account_group g on g.id = m.group_id where m.account_id = a.id and g.name = any(${groups}::text[])))`;

export interface SharedHolder {
  passwordHash: string | null;
  isActive: boolean;
  /** Whether no terms of use wait to be signed. */ termsSigned: boolean;
}
const SIGNED = `${termsMet('$2')} "termsSigned" from account a where a.id = $1`;
const SHARED = `select a.password_hash "passwordHash", a.is_active "isActive", ${SIGNED} for share`;
/** Holds off whoever wants to deactivate the account, change its password or revoke its tokens. */
export const shareHolder = async (
  tx: Tx,
  id: number,
  adminGroups: readonly string[],
): Promise<SharedHolder | undefined> => (await sql<SharedHolder>(tx, SHARED, [id, adminGroups]))[0];
/** Whether the account may not be used until its user signs the terms in force. */
export const mustSignTerms = async (q: Queryable, id: number, adminGroups: readonly string[]): Promise<boolean> =>
  (await sql<SharedHolder>(q, `select ${SIGNED}`, [id, adminGroups]))[0]?.termsSigned === false;
