import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx } from '../ctx.js';
import { accountByUuid } from '../domain/accounts.js';
import { bad, forbidden, notFound } from '../domain/errors.js';
import { projectNamed, scopable, type Project } from '../domain/projects.js';
import { isAdmin } from '../domain/roles.js';
import { catalogOf } from './access.js';
import { userOf } from './credentials.js';

const endpoint = endpointFor<IdentityCtx>();
const view = (p: Project) => ({ id: p.uuid, name: p.realname, description: p.description, enabled: p.state === 'active' });
/** @throws invalid marker.unknown */
const after = <T extends { id: string }>(list: readonly T[], marker: string | undefined, limit: number): T[] => {
  const at = marker === undefined ? -1 : list.findIndex((one) => one.id === marker);
  if (marker !== undefined && at < 0) throw bad('marker.unknown');
  return list.slice(at + 1, at + 1 + limit);
};
const groups = async (ctx: IdentityCtx): Promise<{ id: string; name: string }[]> =>
  [...(await ctx.directory.get()).groups].map(([id, name]) => ({ id: String(id), name }));
const rolesOfUser = async (ctx: IdentityCtx, uuid: string) => {
  const { groups: names } = await accountByUuid(ctx.db, uuid);
  return { roles: (await groups(ctx)).filter((g) => names.includes(g.name)), roles_links: [] };
};

export const tenantEndpoints = [
  endpoint(identity.listTenants, async (ctx, { query }) => {
    const t = userOf(ctx);
    const own = (await scopable(ctx, t)).map(view);
    if (query.name === undefined) return { tenants: after(own, query.marker, query.limit), tenants_links: [] };
    if (!isAdmin(ctx, await ctx.directory.get(), t)) throw forbidden();
    const found = await projectNamed(ctx, query.name);
    if (!found) throw notFound('project.absent');
    return { tenant: view(found) };
  }),
  endpoint(identity.getTenant, async (ctx, { params }) => {
    const found = (await scopable(ctx, userOf(ctx))).find((p) => p.uuid === params.id);
    if (!found) throw notFound('project.absent');
    return { tenant: view(found) };
  }),
  endpoint(identity.listRoles, async (ctx) => ({ roles: await groups(ctx), roles_links: [] })),
  endpoint(identity.listServices, async (ctx) => ({
    'OS-KSADM:services': (await ctx.directory.get()).services.map((s) => ({ id: String(s.id), name: s.name, type: s.type, description: '' })),
  })),
  endpoint(identity.listEndpoints, async (ctx) => {
    const directory = await ctx.directory.get();
    const catalog = catalogOf(directory);
    return {
      endpoints: directory.services.flatMap((s, i) =>
        s.endpoints.map((e, j) => ({ ...catalog[i]?.endpoints[j], id: String(e.id), service_id: String(s.id), name: s.name, type: s.type })),
      ),
      endpoints_links: [],
    };
  }),
  endpoint(identity.listUserRoles, async (ctx, { params }) => rolesOfUser(ctx, params.id)),
  endpoint(identity.listTenantUserRoles, async (ctx, { params }) => {
    if ((await accountByUuid(ctx.db, params.id)).uuid !== params.tenant) throw notFound('project.absent');
    return rolesOfUser(ctx, params.id);
  }),
];
