import { COMPONENT_RIGHTS, type Bootstrap } from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { asRequest } from '../../ctx.js';
import { anyComponentOf, findComponent, insertComponent } from '../../catalog/domain/components.js';
import { joinGroup } from '../../access/domain/groups.js';
import { findAccount, holdUuid, updateAccount } from '../store/accounts.js';
import { acceptAndActivate, makeAccount } from './accounts.js';
import { changing } from '../../access/domain/changes.js';
import { Fault } from '../../access/domain/errors.js';
import { signLastTerms } from './signing.js';
import { isLoaded, markLoaded, unmarkLoaded } from '../store/loaded.js';
import { keyOf } from '../../access/domain/token-form.js';
import { insertKnownToken } from '../../access/domain/tokens.js';

type People = Bootstrap['identity'];
/** Each thing of the bootstrap is made once in the life of a database, so that what was deleted or revoked since does not come back. */
const firstTime = (tx: Tx, kind: 'user' | 'component' | 'token' | 'staff', what: string): Promise<boolean> =>
  markLoaded(tx, `bootstrap:${kind}:${what}`);
/**
 * Set by the migration of an installation that did not note what it had made: of a user or component that is there, no token can be told from
 * a revoked one, and a component that is missing was removed.
 */
const UNNOTED = 'bootstrap:unnoted';
/** A token of the file, once; `unnoted`: it is noted and not made, and whoever has it in the file is told when it is not there. */
const makeToken = async (
  ctx: IdentityRequest,
  tx: Tx,
  { token, whose, unnoted }: { token: string; whose: Record<string, string>; unnoted: boolean },
  insert: () => Promise<unknown>,
): Promise<void> => {
  if (!(await firstTime(tx, 'token', keyOf(token)))) return;
  if (!unnoted) await insert();
  else if ((await ctx.tokens.find(token)) === undefined)
    ctx.log.warn(
      whose,
      'a token of the bootstrap was not made: it is new or was revoked, which an older release did not note',
    );
};
const makePerson = (
  ctx: IdentityRequest,
  user: People['users'][number],
  { passwordHash, id, unnoted }: { passwordHash: string | null; id: number | undefined; unnoted: boolean },
): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    await holdUuid(tx, user.uuid);
    const there = await findAccount(tx, 'uuid', user.uuid);
    const first = await firstTime(tx, 'user', user.uuid);
    if (!there && !first) return;
    const account =
      there ??
      (await makeAccount(ctx, tx, {
        uuid: user.uuid,
        email: user.email,
        firstName: user.first_name,
        lastName: user.last_name,
        passwordHash,
        isSuperuser: user.superuser,
        ...(id !== undefined && { id }),
      }));
    if (first && !account.moderated) {
      await acceptAndActivate(ctx, tx, stale, account, 'bootstrap');
      await signLastTerms(ctx, tx, account);
      for (const name of user.groups) await joinGroup(tx, account.id, name);
      stale('directory');
    }
    for (const token of user.tokens)
      await makeToken(ctx, tx, { token, whose: { uuid: user.uuid }, unnoted: unnoted && there !== undefined }, () =>
        insertKnownToken(tx, token, { kind: 'api', accountId: account.id, label: 'bootstrap' }),
      );
  });
type NewComponent = People['components'][number];
/** `unnoted`: components were made before, so none is made now. */
const makeComponent = (
  ctx: IdentityRequest,
  { name, url, token, rights }: NewComponent,
  unnoted: boolean,
): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    if (await firstTime(tx, 'component', name)) {
      if (!unnoted)
        await insertComponent(tx, { name, url, rights: rights ?? (name === 'nefos-compute' ? COMPONENT_RIGHTS : []) });
      else if (!(await findComponent(tx, name)))
        ctx.log.warn(
          { component: name },
          'a component of the bootstrap was not made: it is new or was removed, which an older release did not note',
        );
    }
    const found = await findComponent(tx, name);
    if (found || unnoted)
      await makeToken(ctx, tx, { token, whose: { component: name }, unnoted }, async () => {
        if (found) await insertKnownToken(tx, token, { kind: 'component', componentId: found.id, label: 'bootstrap' });
      });
    stale('directory');
  });
/**
 * Makes users and components that must exist before anybody can sign in, each once: what exists stays as it is, what is gone stays gone, a
 * token that was revoked stays revoked, and the rights of a component stay what the operator has made of them.
 * @param ids numeric ids, by uuid, where a fixture wants certain ones
 */
export const loadPrincipals = async (
  ctx: IdentityCtx,
  { users, components }: People,
  ids: Record<string, number> = {},
): Promise<void> => {
  const request = asRequest({ ...ctx, actor: 'bootstrap' });
  const unnoted = await isLoaded(ctx.db, UNNOTED);
  for (const user of users) {
    const there = await findAccount(ctx.db, 'uuid', user.uuid);
    const passwordHash = there || user.password === undefined ? null : await ctx.passwords.hash(user.password);
    try {
      await makePerson(request, user, { passwordHash, id: ids[user.uuid], unnoted });
    } catch (err) {
      if (!(err instanceof Fault && err.code === 'email.taken')) throw err;
      ctx.log.warn({ uuid: user.uuid }, 'a user of the bootstrap was not made: another user has the address');
    }
  }
  // An older release that ended between users and components has made none of them yet.
  const before =
    unnoted &&
    (await anyComponentOf(
      ctx.db,
      components.map((c) => c.name),
    ));
  for (const component of components) await makeComponent(request, component, before);
};
/** The portal's staff are not bound by terms of use: they would lock themselves out. */
const exemptStaff = (ctx: IdentityCtx, uuids: readonly string[]): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    for (const uuid of uuids) {
      const account = await findAccount(tx, 'uuid', uuid);
      if (!account || !(await firstTime(tx, 'staff', uuid))) continue;
      await updateAccount(tx, account.id, { termsExempt: true });
      stale(`account:${account.id}`);
    }
  });
/** The principals of the operator's file. From then on everything that was made of it is noted. */
export const loadBootstrap = async (
  ctx: IdentityCtx,
  { identity, compute }: Pick<Bootstrap, 'identity' | 'compute'>,
): Promise<void> => {
  await loadPrincipals(ctx, identity);
  await exemptStaff(
    ctx,
    compute.users.filter((u) => u.is_staff).map((u) => u.uuid),
  );
  await ctx.db.transaction((tx) => unmarkLoaded(tx, UNNOTED));
};
