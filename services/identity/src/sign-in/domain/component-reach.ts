import { accountByUuid } from '../../accounts/domain/accounts.js';
import { administers, demandReachable } from '../../accounts/domain/ranks.js';
import { mintedByCaller } from '../../access/domain/audit.js';
import { ownerOfToken } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';

/**
 * Demands that the component may end this token: those of ordinary users, and those that it minted itself, whose holder
 * may have become an administrator since. There is nothing to demand for a token that does not exist.
 * @throws Fault forbidden user.protected
 */
export const demandTokenInReach = async (ctx: IdentityRequest, auditId: string): Promise<void> => {
  const owner = await ownerOfToken(ctx, auditId);
  if (owner === undefined) return;
  const account = await accountByUuid(ctx.db, owner);
  // The audit record is long: it is read for administrators only.
  if (!administers(ctx.settings, account) || (await mintedByCaller(ctx, auditId))) return;
  demandReachable(ctx, account);
};
