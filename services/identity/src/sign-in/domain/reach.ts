import type { IdentityRequest } from '../../ctx.js';
import { madeByCaller } from '../../access/domain/audit.js';
import { ownerOfToken } from '../../access/domain/tokens.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import { administers, demandReachable } from '../../accounts/domain/ranks.js';

/**
 * A component may end what it made, and tokens of ordinary users. It may have made a token or session for somebody who is an
 * administrator by now: that it must be able to end. An absent token is nobody's.
 * @throws Fault forbidden user.protected
 */
export const demandTokenInReach = async (ctx: IdentityRequest, auditId: string): Promise<void> => {
  const owner = await ownerOfToken(ctx.db, auditId);
  if (owner === undefined) return;
  const account = await accountByUuid(ctx.db, owner);
  // The record is long: it is asked about administrators alone.
  if (!administers(ctx.settings, account) || (await madeByCaller(ctx, auditId))) return;
  demandReachable(ctx, account);
};
