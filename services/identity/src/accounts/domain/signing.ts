import type { Tx } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import { updateAccount } from '../store/accounts.js';
import { lockLastTerms } from '../store/terms.js';
import type { Account } from '../store/accounts.js';
import { audit } from '../../access/domain/audit.js';
import { conflict } from '../../access/domain/errors.js';

/**
 * Signs the terms in force for a user and records which ones. Without the lock, terms that are being added would count as signed too: they
 * are dated before they can be seen. `shown`: the terms that the user read. @throws conflict terms.newer when others are in force by now
 */
export const signLastTerms = async (
  ctx: IdentityRequest,
  tx: Tx,
  account: Pick<Account, 'id' | 'uuid'>,
  shown?: number,
): Promise<void> => {
  const last = await lockLastTerms(tx);
  if (shown !== undefined && last?.id !== shown) throw conflict('terms.newer');
  await updateAccount(tx, account.id, { signedTerms: true });
  await audit(ctx, tx, 'user.sign_terms', account.uuid, 'ok', { terms: last?.id ?? null });
};
