import { accountByUuid, type Account } from '../../accounts/domain/accounts.js';
import { demandReachable } from '../../accounts/domain/ranks.js';
import { audit } from '../../access/domain/audit.js';
import { demandUnrestricted, demandMayWrite, latestExpiry, parentByComponent } from '../../access/domain/derivation.js';
import { bad, conflict, Fault, forbidden, notFound } from '../../access/domain/errors.js';
import { holderForMinting } from '../../access/domain/holders.js';
import {
  findTokenByAuditId,
  isLive,
  isUserToken,
  mint,
  projectOf,
  type MintedToken,
  type UserToken,
} from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';
import { checkPassword, mintFor } from './sign-in.js';

/**
 * The token or session with which a user asks the component for another one: its parent.
 * @throws conflict token.over; forbidden token.read_only, credential.restricted
 */
export const namedParent = async (ctx: IdentityRequest, auditId: string): Promise<UserToken> => {
  const parent = await findTokenByAuditId(ctx, auditId);
  if (!parent || !isUserToken(parent) || !isLive(parent)) throw conflict('token.over');
  demandMayWrite(parent);
  demandUnrestricted(parent);
  return parent;
};
export interface TokenRequest {
  label: string;
  form: 'hex' | 'base64url';
  /** ISO 8601; null: it does not expire. */
  expiresAt: string | null;
  readOnly: boolean;
  /**
   * Public name of the token with which the user, or staff for the user, asks. The new token has no more rights or
   * life.
   */
  madeWith: string | undefined;
}
/**
 * Issues a named token for a user, also for one that is not active yet. Not for administrators: a component must not
 * become one. Nor when terms of use would keep the token from working.
 * @throws invalid token.past; not_found user.absent; conflict user.transition, token.over; forbidden user.protected,
 * terms.pending, token.read_only, credential.restricted
 */
export const issueFor = async (ctx: IdentityRequest, uuid: string, request: TokenRequest): Promise<MintedToken> => {
  const { expiresAt, madeWith } = request;
  if (expiresAt !== null && !(Date.parse(expiresAt) > ctx.clock.now().getTime())) throw bad('token.past');
  const account = await accountByUuid(ctx.db, uuid);
  demandReachable(ctx, account);
  const parent = madeWith === undefined ? undefined : await namedParent(ctx, madeWith);
  // A credential has the rights of its owner, so they can not become another user's.
  if (parent?.credential && parent.user.id !== account.id) throw forbidden('credential.restricted');
  return mintNamed(ctx, account, request, parent);
};
const mintNamed = (
  ctx: IdentityRequest,
  account: Account,
  { label, form, expiresAt, readOnly }: TokenRequest,
  parent: UserToken | undefined,
): Promise<MintedToken> =>
  ctx.db.transaction(async (tx) => {
    const holder = await holderForMinting(ctx, tx, account.id);
    // Activation of a deactivated user must not bring a token to life.
    if (!holder || (account.moderated && !holder.isActive)) throw conflict('user.transition');
    // Every service would refuse the token.
    if (holder.isActive && !holder.termsSigned) throw forbidden('terms.pending');
    const token = await mint(tx, {
      kind: 'api',
      accountId: account.id,
      label,
      form,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      notAfter: parent ? latestExpiry(parent) : null,
      parentAuditId: await parentByComponent(tx, parent),
      applicationCredentialId: parent?.credential?.id ?? null,
      // A credential is bound to its project.
      project: parent?.credential ? projectOf(parent) : null,
      readOnly,
    });
    await audit(ctx, tx, 'token.mint', account.uuid, 'ok', {
      audit_id: token.auditId,
      label,
      ...(parent && { made_with: parent.auditId }),
    });
    return token;
  });
/** Terms that are not signed are a 403 to a component: a 401 would judge the password, or the component. */
export const termsForbid = (err: unknown): never => {
  throw err instanceof Fault && err.code === 'terms.pending' ? forbidden('terms.pending') : err;
};
/**
 * Opens a session that a component keeps for a browser. The token itself is not given out; the component knows the
 * session by its public name. @throws as checkPasswordOf; forbidden terms.pending
 */
export const openSession = async (
  ctx: IdentityRequest,
  uuid: string,
  { password, seconds }: { password: string; seconds: number },
): Promise<MintedToken> => {
  const account = await checkPassword({ ...ctx, ip: null }, 'component', uuid, password).catch(termsForbid);
  return mintFor(ctx, account, 'session', { seconds }).catch(termsForbid);
};
/** A live session. @throws not_found token.absent when it is over or its user may not sign in */
export const liveSession = async (ctx: IdentityRequest, auditId: string): Promise<UserToken> => {
  const session = await findTokenByAuditId(ctx, auditId);
  if (session?.kind !== 'session' || !isUserToken(session) || !isLive(session)) throw notFound('token.absent');
  return session;
};
/**
 * Checks a password for a component. The component knows the client's address and limits by it; here only the user's
 * failures are counted.
 * @throws unauthenticated credentials.wrong, also for an unknown user; too_many
 */
export const checkPasswordOf = async (ctx: IdentityRequest, uuid: string, password: string): Promise<void> => {
  await checkPassword({ ...ctx, ip: null }, 'component', uuid, password, { unsigned: true });
};
