import { demandMayWrite } from '../../access/domain/derivation.js';
import { bad, forbidden, notFound } from '../../access/domain/errors.js';
import { revoke } from '../../access/domain/revocation.js';
import { isAdmin } from '../../access/domain/roles.js';
import { isLive, projectOf, refusalOf, type TokenRecord, type UserToken } from '../../access/domain/tokens.js';
import type { DirectoryData } from '../../catalog/domain/directory.js';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';

/** Which tokens a caller may see and revoke. A token that the caller may not see looks absent. */

/** How long after its end a component may still see a token, to finish work that began in time. */
const EXPIRED_WINDOW_MS = 48 * 3600_000;
const expiredLately = (t: TokenRecord): boolean =>
  t.user?.isActive === true && t.user.termsSigned && t.leftMs !== null && t.leftMs > -EXPIRED_WINDOW_MS;
/**
 * Whether `caller` may see a token by v3: its holder, an administrator, or a component (contract identity §12.4).
 * @param allowExpired a component also sees a token that expired within two days
 */
export const isVisibleOnV3 = (
  ctx: IdentityCtx,
  directory: DirectoryData,
  caller: TokenRecord,
  token: TokenRecord | undefined,
  allowExpired = false,
): token is TokenRecord => {
  if (!token) return false;
  const usable = isLive(token) || (allowExpired && caller.component !== null && expiredLately(token));
  return usable && (caller.component !== null || token.user?.id === caller.user?.id || isAdmin(ctx, directory, caller));
};
/** Whether `caller`, whose token is valid, may see a user's token by v2.0 (contract identity §7.2). */
export const isVisibleOnV2 = (
  ctx: IdentityCtx,
  directory: DirectoryData,
  caller: TokenRecord,
  token: TokenRecord | undefined,
): token is UserToken =>
  refusalOf(token) === null &&
  (caller.component !== null || caller.key === token?.key || isAdmin(ctx, directory, caller));

/**
 * The token of X-Subject-Token.
 * @throws not_found token.absent: unknown, expired, revoked, of an inactive user or one with unsigned terms, or not
 *   visible
 */
export const tokenForV3 = async (
  ctx: IdentityRequest,
  caller: TokenRecord,
  subject: string | undefined,
  { allowExpired = false } = {},
): Promise<TokenRecord> => {
  const token = subject === undefined ? undefined : await ctx.tokens.find(subject);
  if (!isVisibleOnV3(ctx, await ctx.directory.get(), caller, token, allowExpired)) throw notFound('token.absent');
  return token;
};
/**
 * GET v2.0 tokens/{id}.
 * @param belongsTo the uuid of a project to which the token must belong
 * @throws not_found token.absent, also without a valid caller
 */
export const tokenForV2 = async (
  ctx: IdentityRequest,
  caller: TokenRecord | undefined,
  id: string,
  belongsTo: string | undefined,
): Promise<UserToken> => {
  const token = caller && (await ctx.tokens.find(id));
  const isVisible = caller && isVisibleOnV2(ctx, await ctx.directory.get(), caller, token);
  if (!isVisible || (belongsTo && belongsTo !== (projectOf(token) ?? token.user.defaultProject)))
    throw notFound('token.absent');
  return token;
};
/** A user asks about the token that the request carries. @throws forbidden for any other; invalid auth.tenant */
export const demandOwnToken = (
  caller: TokenRecord | undefined,
  { presented, id, belongsTo }: { presented: string | undefined; id: string; belongsTo: string | undefined },
): void => {
  if (!caller?.user || presented !== id) throw forbidden();
  if (belongsTo && belongsTo !== caller.user.uuid) throw bad('auth.tenant');
};
/**
 * Revokes a token and everything made with it: one of the calling user, or any user's for an administrator. A read-only
 * token can revoke itself alone.
 * @throws not_found token.absent, also for a token that the caller may not revoke; forbidden token.read_only
 */
export const revokeToken = async (
  ctx: IdentityRequest,
  caller: TokenRecord,
  subject: string | undefined,
): Promise<void> => {
  const token = subject === undefined ? undefined : await ctx.tokens.find(subject);
  const isItself = token?.key === caller.key;
  const isAllowed =
    token &&
    (isItself ||
      (token.user && (token.user.id === caller.user?.id || isAdmin(ctx, await ctx.directory.get(), caller))));
  if (isAllowed && !isItself && caller.user) demandMayWrite(caller as UserToken);
  if (!isAllowed || !(await revoke(ctx, token))) throw notFound('token.absent');
};
