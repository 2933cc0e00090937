import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { accountByUuid, type Account } from '../../accounts/domain/accounts.js';
import { demandUnrestricted } from '../../access/domain/derivation.js';
import { bad, forbidden, notFound } from '../../access/domain/errors.js';
import { groupById, groups, groupsOfUser, usersPage, type ShownGroup } from '../domain/groups.js';
import { changePassword } from '../../sign-in/domain/sign-in.js';
import { updateUser } from '../../accounts/domain/user-update.js';
import { userOf } from '../../access/domain/caller.js';
import { demandAdmin, demandSelfOrAdmin, elsewhere, isSelf } from './v3-callers.js';
import { entity, matching, pageOf, wholeList } from './v3-lists.js';
import { DOMAIN } from './v3-token.view.js';

const endpoint = endpointFor<IdentityCtx>();
const userView = (ctx: IdentityCtx, a: Pick<Account, 'uuid' | 'username' | 'isActive' | 'defaultProject'>) =>
  entity(ctx, 'users', {
    id: a.uuid,
    name: a.username,
    email: a.username,
    enabled: a.isActive,
    domain_id: DOMAIN.id,
    default_project_id: a.defaultProject,
    password_expires_at: null,
    description: '',
    options: {},
  });
const groupView = (ctx: IdentityCtx, g: ShownGroup) =>
  entity(ctx, 'groups', { ...g, domain_id: DOMAIN.id, description: '' });
type Filters = {
  limit: number;
  marker?: string | undefined;
  name?: string | undefined;
  domain_id?: string | undefined;
  enabled?: boolean | undefined;
};
const users = async (ctx: Parameters<typeof usersPage>[0], path: string, query: Filters, group?: number) => {
  const { domain_id: domain, ...filter } = query;
  const rows = elsewhere(domain) ? [] : await usersPage(ctx, { ...filter, group });
  return pageOf(ctx, 'users', path, { query, rows, markerOf: (a) => a.uuid, view: (a) => userView(ctx, a) });
};
const groupList = (ctx: IdentityCtx, path: string, query: Filters, all: readonly ShownGroup[]) =>
  wholeList(
    ctx,
    'groups',
    path,
    query,
    matching(
      all.map((g) => groupView(ctx, g)),
      { name: query.name, domain_id: query.domain_id },
    ),
  );

export const v3UserEndpoints = [
  endpoint(identity.listV3Users, async (ctx, { query }) => {
    await demandAdmin(ctx);
    return users(ctx, 'users', query);
  }),
  endpoint(identity.getV3User, async (ctx, { params }) => {
    await demandSelfOrAdmin(ctx, params.id);
    return { user: userView(ctx, await accountByUuid(ctx.db, params.id)) };
  }),
  endpoint(identity.updateV3User, async (ctx, { params, body: { user } }) => {
    if (!ctx.settings.userAdmin) throw bad('path.unknown');
    await demandAdmin(ctx);
    demandUnrestricted(userOf(ctx));
    const { name, email, password, enabled, default_project_id: defaultProject } = user;
    if (name !== undefined && email !== undefined && name.toLowerCase() !== email.toLowerCase())
      throw bad('user.two_addresses');
    return {
      user: userView(
        ctx,
        await updateUser(ctx, params.id, { username: name ?? email, password, enabled, defaultProject }),
      ),
    };
  }),
  endpoint(identity.changeV3Password, async (ctx, { params, body: { user } }) => {
    if (!isSelf(ctx, params.id)) throw forbidden();
    await changePassword(ctx, params.id, user.original_password, user.password);
  }),
  endpoint(identity.listV3Groups, async (ctx, { query }) => {
    await demandAdmin(ctx);
    return groupList(ctx, 'groups', query, await groups(ctx));
  }),
  endpoint(identity.getV3Group, async (ctx, { params }) => {
    await demandAdmin(ctx);
    return { group: groupView(ctx, await groupById(ctx, params.id)) };
  }),
  endpoint(identity.listV3GroupUsers, async (ctx, { params, query }) => {
    await demandAdmin(ctx);
    const { id } = await groupById(ctx, params.id);
    return users(ctx, `groups/${id}/users`, query, Number(id));
  }),
  endpoint(identity.checkV3GroupUser, async (ctx, { params }) => {
    await demandAdmin(ctx);
    const { id } = await groupById(ctx, params.id);
    if (!(await groupsOfUser(ctx, params.user)).some((g) => g.id === id)) throw notFound('group.not_member');
  }),
  endpoint(identity.listV3UserGroups, async (ctx, { params, query }) => {
    await demandSelfOrAdmin(ctx, params.id);
    return groupList(ctx, `users/${params.id}/groups`, query, await groupsOfUser(ctx, params.id));
  }),
];
