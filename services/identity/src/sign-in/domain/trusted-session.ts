import { isoZ6 } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import { audit } from '../../access/domain/audit.js';
import { lifeOf, parentByComponent } from '../../access/domain/derivation.js';
import { forbidden } from '../../access/domain/errors.js';
import { maker, termsForbid } from './component-tokens.js';
import { demandReachable } from '../../accounts/domain/ranks.js';
import { demandUnchanged } from '../../access/domain/holders.js';
import { mint } from '../../access/domain/tokens.js';

/**
 * A session of a user without a password: staff of the component let the user in, with the token of `madeWith`. It has no more life and is
 * revoked with that token. Administrators are out of reach, and nobody does this with a credential: its rights are those of its owner.
 * @throws Fault not_found; forbidden user.protected, token.read_only, credential.restricted, terms.pending; conflict token.over; unauthenticated
 */
export const openTrustedSession = async (
  ctx: IdentityRequest,
  uuid: string,
  { madeWith, seconds }: { madeWith: string; seconds: number },
): Promise<{ audit_id: string; expires_at: string }> => {
  const account = await accountByUuid(ctx.db, uuid);
  demandReachable(ctx, account);
  const by = await maker(ctx, madeWith);
  if (by.credential) throw forbidden('credential.restricted');
  const minting = ctx.db.transaction(async (tx) => {
    await demandUnchanged(ctx, tx, { id: account.id });
    const parentAuditId = await parentByComponent(tx, by);
    const token = await mint(tx, {
      kind: 'session',
      accountId: account.id,
      seconds,
      notAfter: lifeOf(by),
      parentAuditId,
    });
    await audit(ctx, tx, 'token.mint', uuid, 'ok', { audit_id: token.auditId, kind: 'session', made_with: by.auditId });
    return token;
  });
  const made = await minting.catch(termsForbid);
  return { audit_id: made.auditId, expires_at: isoZ6(made.expiresAt as string) };
};
