import { COMPONENT_RIGHTS, type Bootstrap } from '@nefos/contracts';
import type { IdentityCtx, IdentityRequest } from '../ctx.js';
import { asRequest } from '../ctx.js';
import { findComponent, insertComponent, insertEndpoint, insertService } from '../store/catalog.js';
import { ensureGroup, insertMember } from '../store/groups.js';
import { findAccount, holdUuid, updateAccount } from '../store/accounts.js';
import { acceptAndActivate, makeAccount } from './accounts.js';
import { changing } from './changes.js';
import { Fault } from './errors.js';
import { insertKnownToken } from './tokens.js';

/** Services that every catalog must have, or clients can not start (contract identity §5.7). */
export const OWN_SERVICES = [
  { name: 'astakos_account', type: 'account', data: { versionId: 'v1.0', publicURL: '/account/v1.0', 'SNF:uiURL': '/ui' } },
  { name: 'astakos_identity', type: 'identity', data: { versionId: 'v2.0', publicURL: '/identity/v2.0', 'SNF:uiURL': '/ui' } },
  { name: 'astakos_weblogin', type: 'astakos_weblogin', data: { versionId: '', publicURL: '/weblogin', 'SNF:uiURL': '/ui' } },
  { name: 'astakos_oauth2', type: 'astakos_auth', data: { versionId: '', publicURL: '/oauth2', 'SNF:uiURL': '/ui' } },
] as const;

/** Makes what is missing of identity's own services; what is there stays. */
export const ensureOwnServices = (ctx: IdentityCtx): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    for (const { name, type, data } of OWN_SERVICES) {
      const owner = (await findComponent(tx, 'astakos')) ?? (await findComponent(tx, 'grnet cloud'));
      const componentId = owner?.id ?? (await insertComponent(tx, { name: 'astakos', url: '/ui/', listed: true, position: 1 }));
      const id = componentId === undefined ? undefined : await insertService(tx, { name, type, componentId });
      if (id !== undefined) {
        await insertEndpoint(tx, id, data);
        stale('directory');
      }
    }
  });

type People = Bootstrap['identity'];
const makePerson = (ctx: IdentityRequest, user: People['users'][number], passwordHash: string | null, id: number | undefined): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    await holdUuid(tx, user.uuid);
    const account =
      (await findAccount(tx, 'uuid', user.uuid)) ??
      (await makeAccount(ctx, tx, {
        uuid: user.uuid,
        email: user.email,
        firstName: user.first_name,
        lastName: user.last_name,
        passwordHash,
        isSuperuser: user.superuser,
        ...(id !== undefined && { id }),
      }));
    if (!account.moderated) {
      await acceptAndActivate(ctx, tx, stale, account, 'bootstrap');
      await updateAccount(tx, account.id, { signedTerms: true });
      for (const name of user.groups) await insertMember(tx, account.id, (await ensureGroup(tx, name)).id);
      stale('directory');
    }
    for (const token of user.tokens) await insertKnownToken(tx, token, { kind: 'api', accountId: account.id, label: 'bootstrap' });
  });
/**
 * Makes users and components that must exist before anybody can sign in. Idempotent: what exists stays as it is, so a token that was
 * revoked stays revoked, and the rights of a component stay what the operator has made of them.
 * @param ids numeric ids, by uuid, where a fixture wants certain ones
 */
export const loadPrincipals = async (ctx: IdentityCtx, { users, components }: People, ids: Record<string, number> = {}): Promise<void> => {
  const request = asRequest({ ...ctx, actor: 'bootstrap' });
  for (const user of users) {
    const there = await findAccount(ctx.db, 'uuid', user.uuid);
    try {
      await makePerson(request, user, there || user.password === undefined ? null : await ctx.passwords.hash(user.password), ids[user.uuid]);
    } catch (err) {
      if (!(err instanceof Fault && err.code === 'email.taken')) throw err;
      ctx.log.warn({ uuid: user.uuid }, 'a user of the bootstrap was not made: another user has the address');
    }
  }
  for (const { name, url, token, rights } of components)
    await changing(request, async (tx, stale) => {
      await insertComponent(tx, { name, url, rights: rights ?? (name === 'nefos-compute' ? COMPONENT_RIGHTS : []) });
      const found = await findComponent(tx, name);
      if (found) await insertKnownToken(tx, token, { kind: 'component', componentId: found.id, label: 'bootstrap' });
      stale('directory');
    });
};
