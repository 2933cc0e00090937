import { bad, Fault, unauthenticated } from '../../access/domain/errors.js';
import { requireUser, asIssued, type UserToken } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';
import { checkPassword, mintFor } from '../../sign-in/domain/sign-in.js';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
interface V2Credentials {
  /** A token, or the password of `username`: clients send both in the same field. */
  secret: string;
  username?: string;
  /** The tenants that were named, whatever they are. */
  tenants: readonly unknown[];
}

/**
 * Reads the credentials of a body. The order of the refusals is that of contract identity §5.7.
 * @throws invalid auth.malformed, auth.credentials_missing, auth.token_missing, auth.trust
 */
export const readV2Credentials = (body: unknown): V2Credentials => {
  if (!isObject(body)) throw bad('auth.malformed');
  const { auth } = body;
  if (!isObject(auth)) throw bad('auth.credentials_missing');
  // To ignore it would answer a token of all rights to a client that asked for those of a trust.
  if (auth.trust_id !== undefined && auth.trust_id !== null) throw bad('auth.trust');
  const tenants = [auth.tenantName, auth.tenantId];
  const secretOf = (value: unknown): string => {
    if (value === null) throw bad('auth.token_missing');
    if (typeof value !== 'string') throw bad('auth.credentials_missing');
    return value;
  };
  if (isObject(auth.token) && auth.token.id !== undefined) return { secret: secretOf(auth.token.id), tenants };
  const pair = auth.passwordCredentials;
  if (!isObject(pair)) throw bad('auth.credentials_missing');
  const username = pair.username ?? pair.userId;
  if (pair.password === undefined || typeof username !== 'string') throw bad('auth.credentials_missing');
  return { secret: secretOf(pair.password), username, tenants };
};
/**
 * Whether user and tenants that were named are those of the token: steps 4 to 7 of contract identity §5.7.
 * @throws unauthenticated credentials.foreign; invalid auth.tenant
 */
export const demandSameUser = (uuid: string, { username, tenants }: Omit<V2Credentials, 'secret'>): void => {
  if (username !== undefined && username !== uuid) throw unauthenticated('credentials.foreign');
  for (const tenant of tenants)
    if (tenant !== undefined && tenant !== null && tenant !== '' && tenant !== uuid) throw bad('auth.tenant');
};
/**
 * `POST /identity/v2.0/tokens` with a body: a token, or a uuid with a token as its password; or a name and the
 * password, which makes a new token.
 * @returns the token, and as its owner knows it
 * @throws invalid; unauthenticated; too_many
 */
export const authenticateV2 = async (
  ctx: IdentityRequest,
  body: unknown,
): Promise<{ presented: string; token: UserToken }> => {
  const credentials = readV2Credentials(body);
  const { secret, username, tenants } = credentials;
  const record = await ctx.tokens.find(secret);
  if (record?.user) {
    const token = requireUser(record);
    demandSameUser(token.user.uuid, credentials);
    return { presented: asIssued(token, secret), token };
  }
  if (!username) throw unauthenticated('token.invalid');
  const account = await checkPassword(ctx, 'v2', username, secret).catch((err: unknown) => {
    throw err instanceof Fault && err.code === 'credentials.wrong' ? unauthenticated('token.invalid') : err;
  });
  demandSameUser(account.uuid, { tenants });
  const minted = await mintFor(ctx, account, 'api');
  return { presented: minted.token, token: requireUser(await ctx.tokens.find(minted.token)) };
};
