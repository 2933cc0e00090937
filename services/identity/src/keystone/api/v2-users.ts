import { identity } from '@nefos/contracts';
import { endpointFor, isoOffset, type Endpoint } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import {
  accountByName,
  accountByUuid,
  accounts,
  createActiveUser,
  fullName,
  renewTokens,
  type Account,
} from '../../accounts/domain/accounts.js';
import { actOn } from '../../accounts/domain/admin-actions.js';
import { demandUnrestricted } from '../../access/domain/derivation.js';
import { bad, notFound } from '../../access/domain/errors.js';
import { updateUser } from '../../accounts/domain/user-update.js';
import { userOf } from '../../access/domain/caller.js';
import { v2Page } from './v2-pages.js';

const endpoint = endpointFor<IdentityCtx>();
const date = (at: string | null): string | null => (at === null ? null : isoOffset(at));
/** A user for administrators; the last keys are Keystone v2's names for the same (contract identity §7.9). */
const view = (a: Account) => ({
  id: a.uuid,
  email: a.username,
  first_name: a.firstName,
  last_name: a.lastName,
  is_active: a.isActive,
  is_rejected: a.isRejected,
  rejected_reason: a.rejectedReason,
  deactivated_reason: a.deactivatedReason,
  accepted_policy: a.acceptedPolicy,
  roles: [...a.groups],
  authentication_methods:
    a.passwordHash === null
      ? []
      : [
          {
            identifier: a.username,
            active: true,
            affiliation: a.affiliation,
            backend: 'astakos',
            metadata: a.metadata ?? null,
          },
        ],
  name: fullName(a),
  username: a.username,
  enabled: a.isActive,
  tenantId: a.defaultProject,
});
/** What two names for the same say, if they agree. @throws invalid */
const oneOf = <T extends string | boolean>(one: T | undefined, other: T | undefined, code: string): T | undefined => {
  const same = (value: T): T | string => (typeof value === 'string' ? value.toLowerCase() : value);
  if (one !== undefined && other !== undefined && same(one) !== same(other)) throw bad(code);
  return one ?? other;
};
const detail = (a: Account) => ({
  ...view(a),
  date_joined: date(a.dateJoined),
  moderated_at: date(a.moderatedAt),
  verified_at: date(a.verifiedAt),
});
/** One longer than asked for, where there are more. */
const list = async (
  ctx: IdentityRequest,
  { limit, marker, name }: { limit: number; marker?: string | undefined; name?: string | undefined },
): Promise<Account[]> => {
  if (name === undefined) return accounts(ctx.db, { limit: limit + 1, marker });
  const found = await accountByName(ctx.db, name);
  return found ? [found] : [];
};
/**
 * Where the administration of users is switched off, its paths are as unknown as any. A restricted credential may look and change nothing:
 * a user it made or raised would have more rights and a longer life than it.
 */
const guarded = (all: Endpoint<IdentityCtx>[]): Endpoint<IdentityCtx>[] =>
  all.map(({ contract, handle }) => ({
    contract,
    handle: async (ctx, input) => {
      if (!ctx.settings.userAdmin) throw bad('path.unknown');
      if (contract.method !== 'get') demandUnrestricted(userOf(ctx));
      return handle(ctx, input);
    },
  }));

export const adminUserEndpoints = guarded([
  endpoint(identity.listUsersDetail, async (ctx, { query }) => {
    const { items, links } = v2Page(ctx, 'users/detail', {
      limit: query.limit,
      rows: await list(ctx, query),
      idOf: (a) => a.uuid,
    });
    return { users: items.map(detail), users_links: links };
  }),
  endpoint(identity.listUsers, async (ctx, { query }) => {
    const found = await list(ctx, query);
    if (query.name === undefined) {
      const { items, links } = v2Page(ctx, 'users', { limit: query.limit, rows: found, idOf: (a) => a.uuid });
      return { users: items.map(view), users_links: links };
    }
    if (!found[0]) throw notFound('user.absent');
    return { user: view(found[0]) }; // keystoneclient asks by name for one user
  }),
  endpoint(identity.createUser, async (ctx, { body: { user } }) => {
    const wanted = {
      email: user.username,
      firstName: user.first_name,
      lastName: user.last_name,
      password: user.password,
      affiliation: user.affiliation,
      metadata: user.metadata,
    };
    const made = await createActiveUser(ctx, wanted, userOf(ctx));
    return {
      user: {
        id: made.account.uuid,
        ...(made.password !== undefined && { password: made.password }),
        auth_token: made.token.token,
      },
    };
  }),
  endpoint(identity.getUser, async (ctx, { params }) => ({ user: view(await accountByUuid(ctx.db, params.id)) })),
  endpoint(identity.updateUser, async (ctx, { params, body: { user } }) => {
    if (user.id !== undefined && user.id !== params.id) throw bad('user.id');
    const changed = await updateUser(ctx, params.id, {
      username: oneOf(user.username, user.email, 'user.two_addresses'),
      firstName: user.first_name,
      lastName: user.last_name,
      password: user.password,
      affiliation: user.affiliation,
      metadata: user.metadata,
      enabled: oneOf(user.enabled, user.is_active, 'user.two_states'),
    });
    return { user: view(changed) };
  }),
  endpoint(identity.actOnUser, async (ctx, { params, body }) => {
    const [wish, ...more] = Object.entries(body);
    if (!wish || more.length) throw bad('action.unknown');
    const [name, value] = wish;
    if (name === 'renewToken')
      return { user: { id: params.id, auth_token: (await renewTokens(ctx, params.id, userOf(ctx))).token } };
    return {
      user: {
        id: params.id,
        ...(await actOn(ctx, params.id, name, typeof value === 'object' && value !== null ? value : {})),
      },
    };
  }),
]);
