import { identity } from '@nefos/contracts';
import { endpointFor, isoOffset } from '@nefos/service-kit';
import { fullName, type Account } from '../../accounts/domain/accounts.js';
import type { ActionInput } from '../../accounts/domain/user-actions.js';
import type { IdentityCtx } from '../../ctx.js';
import {
  actOnUser,
  administeredUser,
  administeredUserNamed,
  administeredUsers,
  changeUser,
  createUser,
} from '../domain/user-administration.js';
import { v2Page } from './v2-pages.js';

const endpoint = endpointFor<IdentityCtx>();
const dateView = (at: string | null): string | null => (at === null ? null : isoOffset(at));
/** A user for administrators. The last four keys repeat others under Keystone v2's names (contract identity §7.9). */
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
const detail = (a: Account) => ({
  ...view(a),
  date_joined: dateView(a.dateJoined),
  moderated_at: dateView(a.moderatedAt),
  verified_at: dateView(a.verifiedAt),
});
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const inputOf = (value: unknown): ActionInput => {
  if (!isObject(value)) return {};
  const { reason, project_id: projectId, name } = value;
  return { reason, projectId, name };
};
const resultView = (result: Awaited<ReturnType<typeof actOnUser>>) =>
  'token' in result
    ? { auth_token: result.token }
    : {
        is_active: result.isActive,
        has_signed_terms: result.hasSignedTerms,
        default_project: result.defaultProject,
        email_verified: result.emailVerified,
        is_rejected: result.isRejected,
        group: result.group,
      };

export const adminUserEndpoints = [
  endpoint(identity.listUsersDetail, async (ctx, { query }) => {
    const rows = await administeredUsers(ctx, query);
    const { items, links } = v2Page(ctx, 'users/detail', { limit: query.limit, rows, idOf: (a) => a.uuid });
    return { users: items.map(detail), users_links: links };
  }),
  endpoint(identity.listUsers, async (ctx, { query }) => {
    if (query.name !== undefined) return { user: view(await administeredUserNamed(ctx, query.name)) };
    const rows = await administeredUsers(ctx, query);
    const { items, links } = v2Page(ctx, 'users', { limit: query.limit, rows, idOf: (a) => a.uuid });
    return { users: items.map(view), users_links: links };
  }),
  endpoint(identity.createUser, async (ctx, { body: { user } }) => {
    const { account, password, token } = await createUser(ctx, {
      email: user.username,
      firstName: user.first_name,
      lastName: user.last_name,
      password: user.password,
      affiliation: user.affiliation,
      metadata: user.metadata,
    });
    return { user: { id: account.uuid, ...(password !== undefined && { password }), auth_token: token.token } };
  }),
  endpoint(identity.getUser, async (ctx, { params }) => ({ user: view(await administeredUser(ctx, params.id)) })),
  endpoint(identity.updateUser, async (ctx, { params, body: { user } }) => ({
    user: view(
      await changeUser(ctx, params.id, {
        uuid: user.id,
        addresses: [user.username, user.email],
        states: [user.enabled, user.is_active],
        firstName: user.first_name,
        lastName: user.last_name,
        password: user.password,
        affiliation: user.affiliation,
        metadata: user.metadata,
      }),
    ),
  })),
  endpoint(identity.actOnUser, async (ctx, { params, body }) => {
    const actions = Object.entries(body).map(([name, value]) => ({ name, input: inputOf(value) }));
    return { user: { id: params.id, ...resultView(await actOnUser(ctx, params.id, actions)) } };
  }),
];
