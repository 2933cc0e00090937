import type { Command } from 'commander';
import { mustSign } from '../access/domain/holders.js';
import { conflict, notFound } from '../access/domain/errors.js';
import { issueNamedToken, renewTokens } from '../accounts/domain/account-tokens.js';
import { accountByName, accountsPage, fullName, type Account } from '../accounts/domain/accounts.js';
import { stateOf } from '../accounts/domain/activation.js';
import { createActiveUser } from '../accounts/domain/new-accounts.js';
import { deactivateUser, deleteUser, lockedSeconds, unlockUser } from '../accounts/domain/operator-actions.js';
import { performUserAction } from '../accounts/domain/user-actions.js';
import type { IdentityRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';
import { collect, emailAddress, instantView, password, wholeNumber } from './values.js';

/** By e-mail address or uuid. @throws not_found user.absent */
const userNamed = async (ctx: IdentityRequest, name: string): Promise<Account> => {
  const account = await accountByName(ctx.db, name);
  if (!account) throw notFound('user.absent', { names: name });
  return account;
};
const idView = (a: Account): Row => ({ uuid: a.uuid, username: a.username });

interface CreateOptions {
  firstName: string;
  lastName: string;
  password?: string;
  superuser: boolean;
  group?: string[];
}
const create = async (ctx: IdentityRequest, email: string, o: CreateOptions): Promise<Row[]> => {
  const { firstName, lastName, superuser, group: groups = [] } = o;
  const user = { email, firstName, lastName, password: o.password, superuser, groups };
  const created = await createActiveUser(ctx, user);
  return [
    {
      ...idView(created.account),
      ...(created.password !== undefined && { password: created.password }),
      token: created.token.token,
      expires: instantView(created.token.expiresAt),
    },
  ];
};
const list = async (ctx: IdentityRequest, o: { limit: number; after?: string }): Promise<Row[]> =>
  (await accountsPage(ctx.db, { limit: o.limit, marker: o.after })).map((a) => ({
    ...idView(a),
    name: fullName(a),
    active: a.isActive,
    superuser: a.isSuperuser,
    groups: [...a.groups],
  }));
const reasonOf = (a: Account): string | null => {
  if (a.isRejected) return a.rejectedReason;
  return a.isActive ? null : a.deactivatedReason;
};
const show = async (ctx: IdentityRequest, name: string): Promise<Row[]> => {
  const account = await userNamed(ctx, name);
  return [
    {
      ...idView(account),
      name: fullName(account),
      state: stateOf(account),
      reason: reasonOf(account),
      locked_seconds: await lockedSeconds(ctx, account),
      superuser: account.isSuperuser,
      groups: [...account.groups],
      must_sign_terms: await mustSign(ctx, ctx.db, account.id),
      has_password: account.passwordHash !== null,
      made_by: account.madeBy,
      joined: instantView(account.dateJoined),
    },
  ];
};
/** Not for a user who is not verified, not accepted or rejected: that is decided through the API. */
const activate = async (ctx: IdentityRequest, name: string): Promise<Row[]> => {
  const account = await userNamed(ctx, name);
  const { isActive } = await performUserAction(ctx, account.uuid, 'activate');
  if (!isActive) throw conflict('user.transition', { state: stateOf(account) });
  return [{ ...idView(account), activated: true }];
};
const deactivate = async (ctx: IdentityRequest, name: string, o: { reason: string }): Promise<Row[]> => {
  const account = await userNamed(ctx, name);
  const isActive = await deactivateUser(ctx, account.uuid, o);
  return [{ ...idView(account), deactivated: !isActive }];
};
const makeToken = async (ctx: IdentityRequest, name: string, o: { renew: boolean; label: string }): Promise<Row[]> => {
  const { uuid } = await userNamed(ctx, name);
  const { token, expiresAt } = await (o.renew ? renewTokens(ctx, uuid) : issueNamedToken(ctx, uuid, o.label));
  return [{ uuid, token, expires: instantView(expiresAt) }];
};
const unlock = async (ctx: IdentityRequest, name: string): Promise<Row[]> => {
  const account = await userNamed(ctx, name);
  return [{ ...idView(account), was_locked: await unlockUser(ctx, account.uuid) }];
};
const remove = async (ctx: IdentityRequest, name: string, o: { force: boolean }): Promise<Row[]> => {
  const account = await userNamed(ctx, name);
  await deleteUser(ctx, account.uuid, o);
  return [{ ...idView(account), deleted: true }];
};

const USER = 'e-mail address or uuid';
const addChanges = (user: Command, action: MakeAction): void => {
  user.command('activate').alias('reactivate').argument('<user>', USER).action(action(activate));
  user
    .command('deactivate')
    .argument('<user>', USER)
    .option('--reason <text>', 'for the record', '')
    .action(action(deactivate));
  user
    .command('token')
    .description('make a token; it is shown only here')
    .argument('<user>', USER)
    .option('--renew', 'revoke all others', false)
    .option('--label <text>', 'what it is for', 'command line')
    .action(action(makeToken));
  user
    .command('unlock')
    .description('end the pause after failed sign-ins')
    .argument('<user>', USER)
    .action(action(unlock));
  user
    .command('delete')
    .description('with tokens, credentials and projects, for good')
    .argument('<user>', USER)
    .option('--force', 'also one that a component made, such as the portal', false)
    .action(action(remove));
};
export const addUserCommands = (root: Command, action: MakeAction): void => {
  const user = root.command('user').description('users');
  user
    .command('create')
    .argument('<email>', 'e-mail address', emailAddress)
    .requiredOption('--first-name <name>')
    .requiredOption('--last-name <name>')
    .option('--password <password>', 'else one is made and printed', password)
    .option('--superuser', 'administers everything', false)
    .option('--group <name>', 'may be given again', collect)
    .action(action(create));
  user
    .command('list')
    .option('--limit <number>', 'users at most', wholeNumber(999_999), 100)
    .option('--after <uuid>', 'the last one of the page before')
    .action(action(list));
  user.command('show').argument('<user>', USER).action(action(show));
  addChanges(user, action);
};
