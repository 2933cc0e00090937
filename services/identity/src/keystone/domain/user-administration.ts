import { userOf } from '../../access/domain/caller.js';
import { bad, notFound, type InvalidCode } from '../../access/domain/errors.js';
import type { MintedToken } from '../../access/domain/tokens.js';
import { renewTokens } from '../../accounts/domain/account-tokens.js';
import { accountByName, accountByUuid, accountsPage, type Account } from '../../accounts/domain/accounts.js';
import { createActiveUser, type NewUser } from '../../accounts/domain/new-accounts.js';
import { performUserAction, type ActionInput, type ActionResult } from '../../accounts/domain/user-actions.js';
import { updateUser } from '../../accounts/domain/user-update.js';
import type { IdentityRequest } from '../../ctx.js';
import { demandUserAdministration } from './policy.js';

/**
 * The administration of users, the same on v2.0 (contract identity §7.9) and v3 (§12.4). Every function throws what
 * `demandUserAdministration` does.
 */

/** A page, or the users of one name; one more than `limit` when there are more. @throws invalid marker.unknown */
export const administeredUsers = async (
  ctx: IdentityRequest,
  { limit, marker, name }: { limit: number; marker?: string | undefined; name?: string | undefined },
): Promise<Account[]> => {
  await demandUserAdministration(ctx, { change: false });
  if (name === undefined) return accountsPage(ctx.db, { limit: limit + 1, marker });
  const account = await accountByName(ctx.db, name);
  return account ? [account] : [];
};
/** @throws not_found user.absent */
export const administeredUser = async (ctx: IdentityRequest, uuid: string): Promise<Account> => {
  await demandUserAdministration(ctx, { change: false });
  return accountByUuid(ctx.db, uuid);
};
/** @throws as `createActiveUser` */
export const createUser = async (ctx: IdentityRequest, user: NewUser): ReturnType<typeof createActiveUser> => {
  await demandUserAdministration(ctx, { change: true });
  return createActiveUser(ctx, user, userOf(ctx));
};
/** Changes as clients send them: some fields have two names, and both must say the same. */
export interface UserChange {
  /** The uuid once more, where the client repeats it. */
  uuid?: string | undefined;
  addresses: readonly (string | undefined)[];
  states: readonly (boolean | undefined)[];
  firstName?: string | undefined;
  lastName?: string | undefined;
  password?: string | undefined;
  affiliation?: string | undefined;
  metadata?: unknown;
  defaultProject?: string | undefined;
}
/**
 * The value of a field that is given under several names. Texts are compared in any case.
 * @throws invalid `code` when they differ
 */
const sameValue = <T extends string | boolean>(
  values: readonly (T | undefined)[],
  code: InvalidCode,
): T | undefined => {
  const given = values.filter((value): value is T => value !== undefined);
  const folded = given.map((value) => (typeof value === 'string' ? value.toLowerCase() : value));
  if (new Set(folded).size > 1) throw bad(code);
  return given[0];
};
/** @throws invalid user.id, user.two_addresses, user.two_states; as `updateUser` */
export const changeUser = async (
  ctx: IdentityRequest,
  uuid: string,
  { uuid: repeated, addresses, states, ...change }: UserChange,
): Promise<Account> => {
  await demandUserAdministration(ctx, { change: true });
  if (repeated !== undefined && repeated !== uuid) throw bad('user.id');
  const username = sameValue(addresses, 'user.two_addresses');
  const enabled = sameValue(states, 'user.two_states');
  return updateUser(ctx, uuid, { username, ...change, enabled });
};
/** Does one action to a user; `renewToken` answers a new token. @throws as `performUserAction` and `renewTokens` */
export const actOnUser = async (
  ctx: IdentityRequest,
  uuid: string,
  actions: readonly { name: string; input: ActionInput }[],
): Promise<ActionResult | MintedToken> => {
  await demandUserAdministration(ctx, { change: true });
  const [action] = actions;
  if (!action || actions.length > 1) throw bad('action.unknown');
  return action.name === 'renewToken'
    ? renewTokens(ctx, uuid, userOf(ctx))
    : performUserAction(ctx, uuid, action.name, action.input);
};
/** keystoneclient asks by name for one user. @throws not_found user.absent */
export const administeredUserNamed = async (ctx: IdentityRequest, name: string): Promise<Account> => {
  const [account] = await administeredUsers(ctx, { limit: 1, name });
  if (!account) throw notFound('user.absent');
  return account;
};
