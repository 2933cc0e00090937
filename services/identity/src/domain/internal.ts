import { isoZ6 } from '@nefos/service-kit';
import type { IdentityRequest } from '../ctx.js';
import { accountByUuid } from './accounts.js';
import { administers } from './ranks.js';
import { audit } from './audit.js';
import { bad, forbidden } from './errors.js';
import { checkPassword } from './sign-in.js';
import { mint } from './tokens.js';

/** A named token for a user, also for one that is not active yet. Administrators are out of reach: a component must not become one. */
export const issueFor = async (
  ctx: IdentityRequest,
  uuid: string,
  { label, form, expiresAt }: { label: string; form: 'hex' | 'base64url'; expiresAt: string | null },
): Promise<{ token: string; audit_id: string; created: string; expires_at: string | null }> => {
  const end = expiresAt === null ? null : new Date(expiresAt);
  if (end && !(end.getTime() > ctx.clock.now().getTime())) throw bad('token.past');
  const account = await accountByUuid(ctx.db, uuid);
  if (administers(ctx.settings, account)) throw forbidden('user.protected');
  const made = await ctx.db.transaction(async (tx) => {
    const token = await mint(tx, { kind: 'api', accountId: account.id, label, form, expiresAt: end?.toISOString() ?? null });
    await audit(ctx, tx, 'token.mint', uuid, 'ok', { audit_id: token.auditId, label });
    return token;
  });
  return { token: made.token, audit_id: made.auditId, created: isoZ6(made.createdAt), expires_at: made.expiresAt === null ? null : isoZ6(made.expiresAt) };
};
/** The component knows the client's address and counts by it, so here only the user's failures are counted. @throws unauthenticated credentials.wrong, also for an unknown user */
export const checkPasswordOf = async (ctx: IdentityRequest, uuid: string, password: string): Promise<void> => {
  await checkPassword({ ...ctx, ip: null }, uuid, password);
};
