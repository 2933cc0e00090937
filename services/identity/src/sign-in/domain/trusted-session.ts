import { accountByUuid } from '../../accounts/domain/accounts.js';
import { demandReachable } from '../../accounts/domain/ranks.js';
import { audit } from '../../access/domain/audit.js';
import { latestExpiry, parentByComponent } from '../../access/domain/derivation.js';
import { forbidden } from '../../access/domain/errors.js';
import { demandUnchanged } from '../../access/domain/holders.js';
import { mint, type MintedToken } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';
import { namedParent, termsForbid } from './component-tokens.js';

/**
 * Opens a session of a user without a password, for staff of the component who act as the user. It ends with the token
 * of the staff member (`madeWith`, its public name) and has no more life. Not for administrators, and not with an
 * application credential, whose rights are those of its owner.
 * @throws not_found user.absent; forbidden user.protected, token.read_only, credential.restricted, terms.pending;
 * conflict token.over; unauthenticated credentials.wrong
 */
export const openTrustedSession = async (
  ctx: IdentityRequest,
  uuid: string,
  { madeWith, seconds }: { madeWith: string; seconds: number },
): Promise<MintedToken> => {
  const account = await accountByUuid(ctx.db, uuid);
  demandReachable(ctx, account);
  const parent = await namedParent(ctx, madeWith);
  if (parent.credential) throw forbidden('credential.restricted');
  const minting = ctx.db.transaction(async (tx) => {
    await demandUnchanged(ctx, tx, { id: account.id });
    const token = await mint(tx, {
      kind: 'session',
      accountId: account.id,
      seconds,
      notAfter: latestExpiry(parent),
      parentAuditId: await parentByComponent(tx, parent),
    });
    const detail = { audit_id: token.auditId, kind: 'session', made_with: parent.auditId };
    await audit(ctx, tx, 'token.mint', uuid, 'ok', detail);
    return token;
  });
  return minting.catch(termsForbid);
};
