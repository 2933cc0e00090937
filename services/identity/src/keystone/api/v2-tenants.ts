import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { bad } from '../../access/domain/errors.js';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { groups, groupsOfUser, groupsOfUserInTenant, type KeystoneGroup } from '../domain/groups.js';
import { ownProjects, projectForV2, projectNamed, type Project } from '../domain/projects.js';
import { byId } from './by-id.js';
import { shownDirectory } from './catalog-for.js';
import { v2Page } from './v2-pages.js';
import { catalogOf } from './v2-token.view.js';

const endpoint = endpointFor<IdentityCtx>();
const view = (p: Project) => ({
  id: p.uuid,
  name: p.realname,
  description: p.description,
  enabled: p.state === 'active',
});
/** The projects after the one of the uuid `marker`, one more than `limit`. @throws invalid marker.unknown */
const pageAfter = (projects: readonly Project[], marker: string | undefined, limit: number): Project[] => {
  const at = marker === undefined ? -1 : projects.findIndex((p) => p.uuid === marker);
  if (marker !== undefined && at < 0) throw bad('marker.unknown');
  return projects.slice(at + 1, at + 2 + limit);
};
const tenantList = async (ctx: IdentityRequest, { marker, limit }: { marker?: string | undefined; limit: number }) => {
  const rows = pageAfter(await ownProjects(ctx), marker, limit);
  const { items, links } = v2Page(ctx, 'tenants', { limit, rows, idOf: (p) => p.uuid });
  return { tenants: items.map(view), tenants_links: links };
};
const rolesView = (roles: KeystoneGroup[]) => ({ roles, roles_links: [] });

/** Roles, services and endpoints are few, in memory, and not paged. */
const services = async (ctx: IdentityRequest) =>
  (await shownDirectory(ctx)).services.map((s) => ({ id: String(s.id), name: s.name, type: s.type, description: '' }));
const endpoints = async (ctx: IdentityRequest) => {
  const directory = await shownDirectory(ctx);
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
  endpoint(identity.listTenants, async (ctx, { query }) =>
    query.name === undefined ? tenantList(ctx, query) : { tenant: view(await projectNamed(ctx, query.name)) },
  ),
  endpoint(identity.getTenant, async (ctx, { params }) => ({ tenant: view(await projectForV2(ctx, params.id)) })),
  endpoint(identity.listRoles, async (ctx) => rolesView(await groups(ctx))),
  endpoint(identity.getRole, async (ctx, { params }) => ({ role: byId(await groups(ctx), params.id, 'role.absent') })),
  endpoint(identity.listServices, async (ctx) => ({ 'OS-KSADM:services': await services(ctx) })),
  endpoint(identity.getService, async (ctx, { params }) => ({
    'OS-KSADM:service': byId(await services(ctx), params.id, 'service.absent'),
  })),
  endpoint(identity.listEndpoints, async (ctx) => ({ endpoints: await endpoints(ctx), endpoints_links: [] })),
  endpoint(identity.getEndpoint, async (ctx, { params }) => ({
    endpoint: byId(await endpoints(ctx), params.id, 'endpoint.absent'),
  })),
  endpoint(identity.listUserRoles, async (ctx, { params }) => rolesView(await groupsOfUser(ctx, params.id))),
  endpoint(identity.listTenantUserRoles, async (ctx, { params }) =>
    rolesView(await groupsOfUserInTenant(ctx, params.id, params.tenant)),
  ),
];
