import { signTerms } from '../../accounts/domain/terms.js';
import { demandUnrestricted, demandMayWrite } from '../../access/domain/derivation.js';
import type { UserToken } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';

/**
 * The user of this session accepts the terms that were shown.
 * @throws forbidden token.read_only, credential.restricted; conflict terms.newer: others are in force by now
 */
export const acceptTerms = async (ctx: IdentityRequest, session: UserToken, terms: number): Promise<void> => {
  demandMayWrite(session);
  demandUnrestricted(session);
  await signTerms(ctx, session.user.uuid, terms);
};
