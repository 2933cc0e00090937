import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { userOf } from '../../access/domain/caller.js';
import { bad, forbidden } from '../../access/domain/errors.js';
import { OPENSTACK_ROLES } from '../../access/domain/roles.js';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { DOMAIN } from '../domain/default-domain.js';
import { groups } from '../domain/groups.js';
import { demandScope, mayScopeToAll } from '../domain/policy.js';
import { byId } from './by-id.js';
import { shownDirectory } from './catalog-for.js';
import { entity, linked, matching, pageOf, wholeList } from './v3-lists.js';
import { v3Catalog } from './v3-token.view.js';

/** Roles, the domain, services, endpoints and regions. All of them are in memory. */
const endpoint = endpointFor<IdentityCtx>();
const domains = (ctx: IdentityCtx) => [
  entity(ctx, 'domains', { ...DOMAIN, description: '', enabled: true, tags: [], options: {} }),
];
/** Names of domains are compared in any case. */
const canonicalName = (name: string | undefined) =>
  name?.toLowerCase() === DOMAIN.name.toLowerCase() ? DOMAIN.name : name;
/** OpenStack's roles, then the groups, which are roles as well (contract identity §12.1). */
const roles = async (ctx: IdentityCtx) => {
  const all = [
    ...OPENSTACK_ROLES.map((name) => ({ id: name, name })),
    ...(await groups(ctx)).filter((g) => !OPENSTACK_ROLES.includes(g.name)),
  ];
  return all.map((r) => entity(ctx, 'roles', { ...r, domain_id: null, description: null, options: {} }));
};
const services = async (ctx: IdentityRequest) =>
  (await shownDirectory(ctx)).services.map((s) =>
    entity(ctx, 'services', { id: String(s.id), name: s.name, type: s.type, enabled: true, description: '' }),
  );
const endpoints = async (ctx: IdentityRequest) =>
  v3Catalog(await shownDirectory(ctx)).flatMap((s) =>
    s.endpoints.map((e) => entity(ctx, 'endpoints', { ...e, service_id: s.id, enabled: true })),
  );
const regions = async (ctx: IdentityRequest) =>
  [...new Set(['default', ...(await endpoints(ctx)).map((e) => e.region)])].map((id) => ({
    id,
    description: '',
    parent_region_id: null,
    links: linked(ctx, `regions/${encodeURIComponent(id)}`),
  }));

export const v3CatalogEndpoints = [
  endpoint(identity.listRevokedV3, async () => {
    throw forbidden('not_supported');
  }),
  endpoint(identity.getV3Catalog, async (ctx) => {
    demandScope(userOf(ctx));
    return { catalog: v3Catalog(await shownDirectory(ctx)), links: linked(ctx, 'auth/catalog') };
  }),
  endpoint(identity.listAuthDomains, async (ctx, { query }) => {
    const all = mayScopeToAll(userOf(ctx)) ? domains(ctx) : [];
    return wholeList(
      ctx,
      'domains',
      'auth/domains',
      query,
      matching(all, { name: canonicalName(query.name), enabled: query.enabled }),
    );
  }),
  endpoint(identity.listAuthSystem, async (ctx, { query }) => {
    const rows = mayScopeToAll(userOf(ctx)) ? [{ all: true }] : [];
    if (query.marker !== undefined) throw bad('marker.unknown'); // the only entry has no id
    return pageOf(ctx, 'system', 'auth/system', { query, rows, markerOf: () => '', view: (one) => one });
  }),
  endpoint(identity.listDomains, async (ctx, { query }) =>
    wholeList(
      ctx,
      'domains',
      'domains',
      query,
      matching(domains(ctx), { name: canonicalName(query.name), enabled: query.enabled }),
    ),
  ),
  endpoint(identity.getDomain, async (ctx, { params }) => ({ domain: byId(domains(ctx), params.id, 'domain.absent') })),
  endpoint(identity.listV3Roles, async (ctx, { query }) => {
    // A filter by domain asks for roles that belong to a domain; there are none.
    const all = query.domain_id === undefined ? await roles(ctx) : [];
    return wholeList(ctx, 'roles', 'roles', query, matching(all, { name: query.name }));
  }),
  endpoint(identity.getV3Role, async (ctx, { params }) => ({ role: byId(await roles(ctx), params.id, 'role.absent') })),
  endpoint(identity.listV3Services, async (ctx, { query }) =>
    wholeList(
      ctx,
      'services',
      'services',
      query,
      matching(await services(ctx), { name: query.name, type: query.type }),
    ),
  ),
  endpoint(identity.getV3Service, async (ctx, { params }) => ({
    service: byId(await services(ctx), params.id, 'service.absent'),
  })),
  endpoint(identity.listV3Endpoints, async (ctx, { query }) => {
    const { interface: interfaceName, service_id, region_id, region, enabled } = query;
    return wholeList(
      ctx,
      'endpoints',
      'endpoints',
      query,
      matching(await endpoints(ctx), { interface: interfaceName, service_id, region_id, region, enabled }),
    );
  }),
  endpoint(identity.getV3Endpoint, async (ctx, { params }) => ({
    endpoint: byId(await endpoints(ctx), params.id, 'endpoint.absent'),
  })),
  endpoint(identity.listRegions, async (ctx, { query }) => {
    // No region has a parent.
    const all = query.parent_region_id === undefined ? await regions(ctx) : [];
    return wholeList(ctx, 'regions', 'regions', query, all);
  }),
  endpoint(identity.getRegion, async (ctx, { params }) => ({
    region: byId(await regions(ctx), params.id, 'region.absent'),
  })),
];
