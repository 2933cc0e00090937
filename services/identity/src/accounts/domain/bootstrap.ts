import { COMPONENT_RIGHTS, type Bootstrap } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { Fault } from '../../access/domain/errors.js';
import { joinGroup } from '../../access/domain/groups.js';
import { keyOf } from '../../access/domain/token-form.js';
import { insertKnownToken } from '../../access/domain/tokens.js';
import { componentIdOf, componentsWereMade, ensureComponent } from '../../catalog/domain/components.js';
import { asRequest, type IdentityCtx, type IdentityRequest } from '../../ctx.js';
import { findAccount, lockUuid, updateAccount } from '../store/accounts.js';
import { isLoaded, markLoaded, unmarkLoaded } from '../store/loaded.js';
import { acceptAndActivate } from './activation.js';
import { createAccount } from './new-accounts.js';
import { signLastTerms } from './signing.js';

type Principals = Bootstrap['identity'];
type BootstrapUser = Principals['users'][number];
type BootstrapComponent = Principals['components'][number];

/**
 * Each entry of the bootstrap is made once in the life of a database: what was deleted or revoked since does not come
 * back.
 */
const isFirstTime = (tx: Tx, kind: 'user' | 'component' | 'token' | 'staff', what: string): Promise<boolean> =>
  markLoaded(tx, `bootstrap:${kind}:${what}`);
/**
 * The mark of a database whose bootstrap was loaded by a release that did not record what it had made; a migration sets
 * it. There a missing token may be new or revoked, and a missing component may be new or removed: neither is made.
 */
const UNRECORDED = 'bootstrap:unnoted';
interface BootstrapToken {
  token: string;
  /** For the log: whose token it is. */
  holder: Record<string, string>;
  /** The token is recorded and not made; the operator is warned when it does not exist. */
  unrecorded: boolean;
}
const loadToken = async (
  ctx: IdentityRequest,
  tx: Tx,
  { token, holder, unrecorded }: BootstrapToken,
  insert: () => Promise<unknown>,
): Promise<void> => {
  if (!(await isFirstTime(tx, 'token', keyOf(token)))) return;
  if (!unrecorded) await insert();
  else if ((await ctx.tokens.find(token)) === undefined)
    ctx.log.warn(
      holder,
      'a token of the bootstrap was not made: it is new or was revoked, which an older release did not record',
    );
};
const loadUser = (
  ctx: IdentityRequest,
  user: BootstrapUser,
  { passwordHash, id, unrecorded }: { passwordHash: string | null; id: number | undefined; unrecorded: boolean },
): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    await lockUuid(tx, user.uuid);
    const existing = await findAccount(tx, 'uuid', user.uuid);
    const first = await isFirstTime(tx, 'user', user.uuid);
    if (!existing && !first) return;
    const account =
      existing ??
      (await createAccount(ctx, tx, {
        uuid: user.uuid,
        email: user.email,
        firstName: user.first_name,
        lastName: user.last_name,
        passwordHash,
        isSuperuser: user.superuser,
        ...(id !== undefined && { id }),
      }));
    if (first && !account.moderated) {
      await acceptAndActivate(ctx, tx, invalidate, account, 'bootstrap');
      await signLastTerms(ctx, tx, account);
      for (const name of user.groups) await joinGroup(tx, account.id, name);
      invalidate('directory');
    }
    for (const token of user.tokens)
      await loadToken(
        ctx,
        tx,
        { token, holder: { uuid: user.uuid }, unrecorded: unrecorded && existing !== undefined },
        () => insertKnownToken(tx, token, { kind: 'api', accountId: account.id, label: 'bootstrap' }),
      );
  });
/** `unrecorded`: components were made before, so none is made now. */
const loadComponent = (
  ctx: IdentityRequest,
  { name, url, token, rights }: BootstrapComponent,
  unrecorded: boolean,
): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    if (await isFirstTime(tx, 'component', name)) {
      if (!unrecorded)
        await ensureComponent(tx, { name, url, rights: rights ?? (name === 'nefos-compute' ? COMPONENT_RIGHTS : []) });
      else if ((await componentIdOf(tx, name)) === undefined)
        ctx.log.warn(
          { component: name },
          'a component of the bootstrap was not made: it is new or was removed, which an older release did not record',
        );
    }
    const componentId = await componentIdOf(tx, name);
    if (componentId !== undefined || unrecorded)
      await loadToken(ctx, tx, { token, holder: { component: name }, unrecorded }, async () => {
        if (componentId !== undefined)
          await insertKnownToken(tx, token, { kind: 'component', componentId, label: 'bootstrap' });
      });
    invalidate('directory');
  });
/**
 * Makes the users and components that must exist before anybody can sign in, each once. What exists is not changed,
 * what was deleted or revoked is not made again, and a component keeps the rights that the operator gave it since.
 * @param ids the ids of accounts, by uuid, where a fixture wants certain ones
 */
export const loadPrincipals = async (
  ctx: IdentityCtx,
  { users, components }: Principals,
  ids: Record<string, number> = {},
): Promise<void> => {
  const request = asRequest({ ...ctx, actor: 'bootstrap' });
  const unrecorded = await isLoaded(ctx.db, UNRECORDED);
  for (const user of users) {
    const existing = await findAccount(ctx.db, 'uuid', user.uuid);
    const passwordHash = existing || user.password === undefined ? null : await ctx.passwords.hash(user.password);
    try {
      await loadUser(request, user, { passwordHash, id: ids[user.uuid], unrecorded });
    } catch (err) {
      if (!(err instanceof Fault && err.code === 'email.taken')) throw err;
      ctx.log.warn({ uuid: user.uuid }, 'a user of the bootstrap was not made: another user has the address');
    }
  }
  // An older release that ended after the users and before the components has made no component yet.
  const componentNames = components.map((c) => c.name);
  const unrecordedComponents = unrecorded && (await componentsWereMade(ctx.db, componentNames));
  for (const component of components) await loadComponent(request, component, unrecordedComponents);
};
/** The portal's staff are not bound by terms of use: they could not work until somebody signs. */
const exemptStaff = (ctx: IdentityCtx, uuids: readonly string[]): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    for (const uuid of uuids) {
      const account = await findAccount(tx, 'uuid', uuid);
      if (!account || !(await isFirstTime(tx, 'staff', uuid))) continue;
      await updateAccount(tx, account.id, { termsExempt: true });
      invalidate(`account:${account.id}`);
    }
  });
/** Loads the operator's bootstrap file. Afterwards everything that was made from it is recorded. */
export const loadBootstrap = async (
  ctx: IdentityCtx,
  { identity, compute }: Pick<Bootstrap, 'identity' | 'compute'>,
): Promise<void> => {
  await loadPrincipals(ctx, identity);
  await exemptStaff(
    ctx,
    compute.users.filter((user) => user.is_staff).map((user) => user.uuid),
  );
  await ctx.db.transaction((tx) => unmarkLoaded(tx, UNRECORDED));
};
