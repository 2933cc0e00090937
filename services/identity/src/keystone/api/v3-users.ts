import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { accountByUuid, usersPage, type Account } from '../../accounts/domain/accounts.js';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { DOMAIN, isOtherDomain } from '../domain/default-domain.js';
import { demandMember, groupById, groups, groupsOfUser, type KeystoneGroup } from '../domain/groups.js';
import { changeOwnPassword } from '../domain/own-password.js';
import { demandAdmin, demandSelfOrAdmin } from '../domain/policy.js';
import { changeUser } from '../domain/user-administration.js';
import { entity, matching, pageOf, wholeList } from './v3-lists.js';

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
const groupView = (ctx: IdentityCtx, g: KeystoneGroup) =>
  entity(ctx, 'groups', { ...g, domain_id: DOMAIN.id, description: '' });
type Filters = {
  limit: number;
  marker?: string | undefined;
  name?: string | undefined;
  domain_id?: string | undefined;
  enabled?: boolean | undefined;
};
const users = async (ctx: IdentityRequest, path: string, query: Filters, group?: number) => {
  const { domain_id: domain, ...filter } = query;
  const rows = isOtherDomain(domain) ? [] : await usersPage(ctx, { ...filter, group });
  return pageOf(ctx, 'users', path, { query, rows, markerOf: (a) => a.uuid, view: (a) => userView(ctx, a) });
};
const groupList = (ctx: IdentityCtx, path: string, query: Filters, all: readonly KeystoneGroup[]) =>
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
    const { name, email, password, enabled, default_project_id: defaultProject } = user;
    const change = { addresses: [name, email], states: [enabled], password, defaultProject };
    return { user: userView(ctx, await changeUser(ctx, params.id, change)) };
  }),
  endpoint(identity.changeV3Password, async (ctx, { params, body: { user } }) =>
    changeOwnPassword(ctx, params.id, { current: user.original_password, replacement: user.password }),
  ),
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
    await demandMember(ctx, params.id, params.user);
  }),
  endpoint(identity.listV3UserGroups, async (ctx, { params, query }) => {
    await demandSelfOrAdmin(ctx, params.id);
    return groupList(ctx, `users/${params.id}/groups`, query, await groupsOfUser(ctx, params.id));
  }),
];
