import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import { bad, forbidden, notFound } from '../../access/domain/errors.js';
import { projectByUuid, projectNamed, scopable, type Project } from '../../projects/domain/projects.js';
import { isAdmin } from '../../access/domain/roles.js';
import { catalogOf } from './v2-token.view.js';
import { userOf } from '../../access/domain/caller.js';
import { one } from './one.js';
import { v2Page } from './v2-pages.js';

const endpoint = endpointFor<IdentityCtx>();
const view = (p: Project) => ({
  id: p.uuid,
  name: p.realname,
  description: p.description,
  enabled: p.state === 'active',
});
/** One longer than asked for. @throws invalid marker.unknown */
const after = <T extends { id: string }>(list: readonly T[], marker: string | undefined, limit: number): T[] => {
  const at = marker === undefined ? -1 : list.findIndex((one) => one.id === marker);
  if (marker !== undefined && at < 0) throw bad('marker.unknown');
  return list.slice(at + 1, at + 2 + limit);
};
const groups = async (ctx: IdentityCtx): Promise<{ id: string; name: string }[]> =>
  [...(await ctx.directory.get()).groups].map(([id, name]) => ({ id: String(id), name }));
const rolesOfUser = async (ctx: IdentityCtx, uuid: string) => {
  const { groups: names } = await accountByUuid(ctx.db, uuid);
  return { roles: (await groups(ctx)).filter((g) => names.includes(g.name)), roles_links: [] };
};

const services = async (ctx: IdentityCtx) =>
  (await ctx.directory.get()).services.map((s) => ({ id: String(s.id), name: s.name, type: s.type, description: '' }));
const endpoints = async (ctx: IdentityCtx) => {
  const directory = await ctx.directory.get();
  const catalog = catalogOf(directory);
  return directory.services.flatMap((s, i) =>
    s.endpoints.map((e, j) => ({
      ...catalog[i]?.endpoints[j],
      id: String(e.id),
      service_id: String(s.id),
      name: s.name,
      type: s.type,
    })),
  );
};
export const tenantEndpoints = [
  endpoint(identity.listTenants, async (ctx, { query }) => {
    const t = userOf(ctx);
    const own = (await scopable(ctx, t)).map(view);
    if (query.name === undefined) {
      const rows = after(own, query.marker, query.limit);
      const { items, links } = v2Page(ctx, 'tenants', { limit: query.limit, rows, idOf: (p) => p.id });
      return { tenants: items, tenants_links: links };
    }
    if (!isAdmin(ctx, await ctx.directory.get(), t)) throw forbidden();
    const found = await projectNamed(ctx, query.name);
    if (!found) throw notFound('project.absent');
    return { tenant: view(found) };
  }),
  endpoint(identity.getTenant, async (ctx, { params }) => {
    const t = userOf(ctx);
    const own = (await scopable(ctx, t)).find((p) => p.uuid === params.id);
    if (own) return { tenant: view(own) };
    // To others it looks absent.
    if (!isAdmin(ctx, await ctx.directory.get(), t)) throw notFound('project.absent');
    return { tenant: view(await projectByUuid(ctx, params.id)) };
  }),
  endpoint(identity.listRoles, async (ctx) => ({ roles: await groups(ctx), roles_links: [] })),
  endpoint(identity.getRole, async (ctx, { params }) => ({ role: one(await groups(ctx), params.id, 'role.absent') })),
  endpoint(identity.listServices, async (ctx) => ({ 'OS-KSADM:services': await services(ctx) })),
  endpoint(identity.getService, async (ctx, { params }) => ({
    'OS-KSADM:service': one(await services(ctx), params.id, 'service.absent'),
  })),
  endpoint(identity.listEndpoints, async (ctx) => ({ endpoints: await endpoints(ctx), endpoints_links: [] })),
  endpoint(identity.getEndpoint, async (ctx, { params }) => ({
    endpoint: one(await endpoints(ctx), params.id, 'endpoint.absent'),
  })),
  endpoint(identity.listUserRoles, async (ctx, { params }) => rolesOfUser(ctx, params.id)),
  endpoint(identity.listTenantUserRoles, async (ctx, { params }) => {
    if ((await accountByUuid(ctx.db, params.id)).uuid !== params.tenant) throw notFound('project.absent');
    return rolesOfUser(ctx, params.id);
  }),
];
