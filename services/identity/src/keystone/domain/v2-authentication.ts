import type { IdentityRequest } from '../../ctx.js';
import { bad, Fault, unauthenticated } from '../../access/domain/errors.js';
import { checkPassword, mintFor } from '../../sign-in/domain/sign-in.js';
import { requireUser, shown, type UserToken } from '../../access/domain/tokens.js';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
interface Wish {
  value: string;
  username?: string;
  tenants: unknown[];
}

/** What is asked for; the order of refusals is contract identity §5.7's. @throws invalid auth.malformed, auth.credentials_missing, auth.token_missing */
export const readWish = (body: unknown): Wish => {
  if (!isObject(body)) throw bad('auth.malformed');
  const { auth } = body;
  const missing = (): never => {
    throw bad('auth.credentials_missing');
  };
  if (!isObject(auth)) return missing();
  // Left out, a token of all rights would be answered where one of a trust's was asked for.
  if (auth.trust_id !== undefined && auth.trust_id !== null) throw bad('auth.trust');
  const tenants = [auth.tenantName, auth.tenantId];
  const value = (found: unknown): string => {
    if (found === null) throw bad('auth.token_missing');
    return typeof found === 'string' ? found : missing();
  };
  if (isObject(auth.token) && auth.token.id !== undefined) return { value: value(auth.token.id), tenants };
  const pair = auth.passwordCredentials;
  if (!isObject(pair)) return missing();
  const username = pair.username ?? pair.userId;
  if (pair.password === undefined || typeof username !== 'string') return missing();
  return { value: value(pair.password), username, tenants };
};
/** Steps 4 to 7 for a token that was found. @throws unauthenticated, invalid */
export const conform = (uuid: string, { username, tenants }: Omit<Wish, 'value'>): void => {
  if (username !== undefined && username !== uuid) throw unauthenticated('credentials.foreign');
  for (const tenant of tenants)
    if (tenant !== undefined && tenant !== null && tenant !== '' && tenant !== uuid) throw bad('auth.tenant');
};
/**
 * `POST /identity/v2.0/tokens` with a body: the token itself, or the pair of uuid and token, or name and real password, which makes a new token.
 * @returns the token as its owner knows it and its record
 */
export const authenticateV2 = async (
  ctx: IdentityRequest,
  body: unknown,
): Promise<{ presented: string; found: UserToken }> => {
  const wish = readWish(body);
  const record = await ctx.tokens.find(wish.value);
  if (record?.user) {
    const found = requireUser(record);
    conform(found.user.uuid, wish);
    return { presented: shown(found, wish.value), found };
  }
  if (!wish.username) throw unauthenticated('token.invalid');
  const account = await checkPassword(ctx, 'v2', wish.username, wish.value).catch((err: unknown) => {
    throw err instanceof Fault && err.code === 'credentials.wrong' ? unauthenticated('token.invalid') : err;
  });
  conform(account.uuid, { tenants: wish.tenants });
  const { token } = await mintFor(ctx, account, 'api');
  return { presented: token, found: requireUser(await ctx.tokens.find(token)) };
};
