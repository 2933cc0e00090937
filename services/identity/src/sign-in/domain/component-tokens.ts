import { isoZ6 } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import { holderForMinting } from '../../access/domain/holders.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import { audit } from '../../access/domain/audit.js';
import { demandUnrestricted, demandWriting, lifeOf, parentByComponent } from '../../access/domain/derivation.js';
import { bad, conflict, Fault, forbidden, notFound } from '../../access/domain/errors.js';
import { demandReachable } from '../../accounts/domain/ranks.js';
import { checkPassword, mintFor } from './sign-in.js';
import { findTokenByAuditId, isLive, mint, type UserToken } from '../../access/domain/tokens.js';

/** The token or session by which a user asks the component for another. @throws forbidden, conflict token.over */
export const maker = async (ctx: IdentityRequest, auditId: string): Promise<UserToken> => {
  const found = await findTokenByAuditId(ctx.db, auditId, ctx.settings.adminGroups);
  if (!found?.user || !isLive(found)) throw conflict('token.over');
  const t = found as UserToken;
  demandWriting(t);
  demandUnrestricted(t);
  return t;
};
const z6 = (at: string | null): string | null => (at === null ? null : isoZ6(at));
/**
 * A named token for a user, also for one that is not active yet. Administrators are out of reach: a component must not become one.
 * Nor is a token made that terms of use keep from working. `madeWith`: what the user, or staff for the user, asks with; the token has no
 * more rights or life and is revoked with it.
 */
export const issueFor = async (
  ctx: IdentityRequest,
  uuid: string,
  wish: {
    label: string;
    form: 'hex' | 'base64url';
    expiresAt: string | null;
    readOnly: boolean;
    madeWith: string | undefined;
  },
): Promise<{ token: string; audit_id: string; created: string; expires_at: string | null; read_only: boolean }> => {
  const { label, form, readOnly } = wish;
  const end = wish.expiresAt === null ? null : new Date(wish.expiresAt);
  if (end && !(end.getTime() > ctx.clock.now().getTime())) throw bad('token.past');
  const account = await accountByUuid(ctx.db, uuid);
  demandReachable(ctx, account);
  const by = wish.madeWith === undefined ? undefined : await maker(ctx, wish.madeWith);
  // The rights of a credential are those of its owner, so they can not be another's.
  if (by?.credential && by.user.id !== account.id) throw forbidden('credential.restricted');
  const made = await ctx.db.transaction(async (tx) => {
    const now = await holderForMinting(ctx, tx, account.id);
    if (!now || (account.moderated && !now.isActive)) throw conflict('user.transition'); // activation must not bring it to life
    if (now.isActive && !now.termsSigned) throw forbidden('terms.pending'); // the token would be refused everywhere
    const token = await mint(tx, {
      kind: 'api',
      accountId: account.id,
      label,
      form,
      expiresAt: end?.toISOString() ?? null,
      notAfter: by ? lifeOf(by) : null,
      parentAuditId: await parentByComponent(tx, by),
      credentialId: by?.credential?.id ?? null,
      readOnly,
    });
    await audit(ctx, tx, 'token.mint', uuid, 'ok', {
      audit_id: token.auditId,
      label,
      ...(by && { made_with: by.auditId }),
    });
    return token;
  });
  return {
    token: made.token,
    audit_id: made.auditId,
    created: isoZ6(made.createdAt),
    expires_at: z6(made.expiresAt),
    read_only: readOnly,
  };
};
/** No 401: that judges the password, or the component. */
export const termsForbid = (err: unknown): never => {
  throw err instanceof Fault && err.code === 'terms.pending' ? forbidden('terms.pending') : err;
};
/** A session that a component keeps for a browser. Its text is thrown away: it is known by its public name alone. @throws as checkPasswordOf; forbidden terms.pending */
export const openSession = async (
  ctx: IdentityRequest,
  uuid: string,
  { password, seconds }: { password: string; seconds: number },
): Promise<{ audit_id: string; expires_at: string }> => {
  const account = await checkPassword({ ...ctx, ip: null }, 'component', uuid, password).catch(termsForbid);
  const made = await mintFor(ctx, account, 'session', { seconds }).catch(termsForbid);
  return { audit_id: made.auditId, expires_at: isoZ6(made.expiresAt as string) };
};
/** @throws not_found token.absent when the session is over or its user may not sign in */
export const showSession = async (
  ctx: IdentityRequest,
  auditId: string,
): Promise<{ uuid: string; username: string; expires_at: string }> => {
  const found = await findTokenByAuditId(ctx.db, auditId, ctx.settings.adminGroups);
  if (found?.kind !== 'session' || !isLive(found)) throw notFound('token.absent');
  const { user, expiresAt } = found as UserToken;
  return { uuid: user.uuid, username: user.username, expires_at: isoZ6(expiresAt as string) };
};
/** The component knows the client's address and counts by it, so here only the user's failures are counted. @throws unauthenticated credentials.wrong, also for an unknown user */
export const checkPasswordOf = async (ctx: IdentityRequest, uuid: string, password: string): Promise<void> => {
  await checkPassword({ ...ctx, ip: null }, 'component', uuid, password, { unsigned: true });
};
