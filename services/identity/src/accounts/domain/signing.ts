import type { Tx } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import { updateAccount, type Account } from '../store/accounts.js';
import { lockLastTerms } from '../store/terms.js';
import { audit } from '../../access/domain/audit.js';
import { conflict } from '../../access/domain/errors.js';

/**
 * Signs the terms in force for a user, and records which ones. The lock keeps terms from being added meanwhile: dated
 * before the signature but not visible to this transaction, they would count as signed.
 * @param shownId the terms that the user read
 * @throws conflict terms.newer when other terms are in force by now
 */
export const signLastTerms = async (
  ctx: IdentityRequest,
  tx: Tx,
  account: Pick<Account, 'id' | 'uuid'>,
  shownId?: number,
): Promise<void> => {
  const last = await lockLastTerms(tx);
  if (shownId !== undefined && last?.id !== shownId) throw conflict('terms.newer');
  await updateAccount(tx, account.id, { signedTerms: true });
  await audit(ctx, tx, 'user.sign_terms', account.uuid, 'ok', { terms: last?.id ?? null });
};
