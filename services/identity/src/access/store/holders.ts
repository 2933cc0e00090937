import { sql, type Queryable, type Tx } from '@nefos/service-kit';

/**
 * SQL: whether no terms of use keep the account `a` from working. That is so when there are none, when they do not bind
 * the account (administrators and staff of components would lock themselves out), or when the last ones are signed.
 * @param groups the statement's parameter with the names of the administrators' groups
 */
export const termsMet = (groups: string): string => `(
  not exists (select from approval_terms) or a.is_superuser or a.terms_exempt
  or coalesce(a.has_signed_terms and a.date_signed_terms >= (select max(date) from approval_terms), false)
  or exists (select from group_member m join account_group g on g.id = m.group_id
    where m.account_id = a.id and g.name = any(${groups}::text[])))`;

/** What decides whether an account may get a token. */
export interface HolderState {
  passwordHash: string | null;
  isActive: boolean;
  /** Whether no terms of use wait to be signed. */
  termsSigned: boolean;
}
// SQL: computed and locking; the table of accounts belongs to a later area.
const FROM = `${termsMet('$2')} "termsSigned" from account a where a.id = $1`;
const SHARED = `select a.password_hash "passwordHash", a.is_active "isActive", ${FROM} for share`;
/**
 * Locks the account in share mode: who deactivates it, changes its password or revokes its tokens waits for this
 * transaction.
 */
export const shareLockHolder = async (
  tx: Tx,
  accountId: number,
  adminGroups: readonly string[],
): Promise<HolderState | undefined> => (await sql<HolderState>(tx, SHARED, [accountId, adminGroups]))[0];
/** Whether terms of use must be signed before the account may be used. */
export const mustSignTerms = async (
  q: Queryable,
  accountId: number,
  adminGroups: readonly string[],
): Promise<boolean> =>
  (await sql<Pick<HolderState, 'termsSigned'>>(q, `select ${FROM}`, [accountId, adminGroups]))[0]?.termsSigned ===
  false;
