import { audit } from '../../access/domain/audit.js';
import { latestExpiry, parentOf } from '../../access/domain/derivation.js';
import { conflict } from '../../access/domain/errors.js';
import { revokeAll } from '../../access/domain/revocation.js';
import { mint, type MintedToken, type UserToken } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';
import type { Account } from '../store/accounts.js';
import { changingAccount } from './account-change.js';

/**
 * The token of an inactive user would begin to work, unnoticed, when the user is activated.
 * @throws conflict user.not_active
 */
const demandActive = (a: Account): void => {
  if (!a.isActive) throw conflict('user.not_active');
};
/**
 * Revokes all tokens of the user and everything made with them, and makes a new one (contract identity §3.2). Renewals
 * at the same time run one after the other; the last one's token remains.
 * @param by the token of the caller. Of the user's own, the new token takes the place and lives no longer; of another
 *   user, the new token is made with it
 * @throws conflict user.not_active; not_found user.absent; forbidden
 */
export const renewTokens = (ctx: IdentityRequest, uuid: string, by?: UserToken): Promise<MintedToken> =>
  changingAccount(ctx, uuid, async (account, tx, invalidate) => {
    demandActive(account);
    const isOwn = by?.user.id === account.id;
    const parent = isOwn ? undefined : await parentOf(tx, by);
    await revokeAll(ctx, tx, invalidate, account, 'renewal', 'everything');
    const token = await mint(tx, {
      kind: 'api',
      accountId: account.id,
      seconds: ctx.settings.tokenSeconds,
      notAfter: isOwn && by ? latestExpiry(by) : null,
      parentAuditId: parent ?? null,
    });
    await audit(ctx, tx, 'token.mint', uuid, 'ok', { audit_id: token.auditId });
    return token;
  });
/** Makes one more token of the user. @throws conflict user.not_active; not_found user.absent */
export const issueNamedToken = (ctx: IdentityRequest, uuid: string, label: string): Promise<MintedToken> =>
  changingAccount(ctx, uuid, async (account, tx) => {
    demandActive(account);
    const token = await mint(tx, { kind: 'api', accountId: account.id, label, seconds: ctx.settings.tokenSeconds });
    await audit(ctx, tx, 'token.mint', account.uuid, 'ok', { audit_id: token.auditId, label });
    return token;
  });
