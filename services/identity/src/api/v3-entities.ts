import { identity } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../ctx.js';
import { accountByName, accountByUuid, accounts, type Account } from '../domain/accounts.js';
import { forbidden, notFound } from '../domain/errors.js';
import { roleAssignments } from '../domain/groups.js';
import { everyProject, projectByUuid, projectNamed, projectsOfUser, scopable, type Project } from '../domain/projects.js';
import { isAdmin } from '../domain/roles.js';
import { changePassword } from '../domain/sign-in.js';
import { callerOf, userOf } from './credentials.js';
import { DOMAIN, v3Catalog } from './v3-view.js';

const endpoint = endpointFor<IdentityCtx>();
type Filters = { name?: string | undefined; enabled?: string | undefined; domain_id?: string | undefined; user_id?: string | undefined };
type Page = Filters & { limit: number; marker?: string | undefined };
export const linked = (ctx: IdentityCtx, path: string): { self: string } => ({ self: `${ctx.settings.publicUrl}/identity/v3/${path}` });
const entity = <T extends { id: string }>(ctx: IdentityCtx, kind: string, one: T) => ({ ...one, links: linked(ctx, `${kind}/${one.id}`) });
const filtersOf = (page: Filters = {}): Record<string, string> =>
  Object.fromEntries((['name', 'enabled', 'domain_id', 'user_id'] as const).flatMap((key) => (page[key] === undefined ? [] : [[key, page[key]]])));
/**
 * One page of a list whose items have ids; `next`, with the same filters, where there is more. A page that the database has cut already
 * is read one longer than asked, so that this is known: its items all come after the marker.
 */
export const listing = <K extends string, T extends object>(
  ctx: IdentityCtx,
  key: K,
  path: string,
  all: readonly T[],
  page?: Page,
): Record<string, unknown> => {
  const { limit = 1000, marker } = page ?? {};
  const start = marker === undefined ? 0 : all.findIndex((one) => (one as { id?: string }).id === marker) + 1;
  const items = all.slice(start, start + limit);
  const last = items.at(-1) as { id?: string } | undefined;
  const more =
    all.length > start + items.length && last?.id !== undefined
      ? new URLSearchParams({ limit: String(limit), marker: last.id, ...filtersOf(page) })
      : undefined;
  return { [key]: items, links: { ...linked(ctx, path), next: more ? `${linked(ctx, path).self}?${more.toString()}` : null, previous: null } };
};
const projectView = (ctx: IdentityCtx, p: Project) =>
  entity(ctx, 'projects', {
    id: p.uuid,
    name: p.realname,
    description: p.description,
    enabled: p.state === 'active',
    domain_id: DOMAIN.id,
    parent_id: DOMAIN.id,
    is_domain: false,
    tags: [],
    options: {},
  });
const userView = (ctx: IdentityCtx, a: Account) =>
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
const domainView = (ctx: IdentityCtx) => entity(ctx, 'domains', { ...DOMAIN, description: '', enabled: true, tags: [], options: {} });
const adminOnly = async (ctx: IdentityRequest): Promise<boolean> => isAdmin(ctx, await ctx.directory.get(), callerOf(ctx).record);
const demandAdmin = async (ctx: IdentityRequest): Promise<void> => {
  if (!(await adminOnly(ctx))) throw forbidden();
};
const ownProjects = async (ctx: IdentityRequest) => (await scopable(ctx, userOf(ctx))).map((p) => projectView(ctx, p));
const enabledOf = ({ enabled }: Filters): boolean | undefined => (enabled === undefined ? undefined : !['false', 'False', '0'].includes(enabled));
const elsewhere = (domain: string | undefined): boolean => domain !== undefined && domain !== DOMAIN.id;
const component = (ctx: IdentityRequest): boolean => callerOf(ctx).record.component !== null;

const roles = async (ctx: IdentityCtx) => {
  const implied = ['reader', 'member', 'manager', 'admin'];
  const groups = [...(await ctx.directory.get()).groups].filter(([, name]) => !implied.includes(name));
  return [...implied.map((name) => ({ id: name, name })), ...groups.map(([id, name]) => ({ id: String(id), name }))].map((r) =>
    entity(ctx, 'roles', { ...r, domain_id: null, description: null, options: {} }),
  );
};
/** All projects for an administrator, the own ones for a user; one more than asked for where the database cuts the page. */
const visibleProjects = async (ctx: IdentityRequest, query: Page): Promise<Project[]> => {
  const { name, user_id: user, limit, marker } = query;
  if (!(await adminOnly(ctx))) {
    if (component(ctx)) throw forbidden();
    return scopable(ctx, userOf(ctx));
  }
  if (user !== undefined) return projectsOfUser(ctx, user);
  if (name === undefined) return everyProject(ctx, { limit: limit + 1, marker, enabled: enabledOf(query) });
  const found = await projectNamed(ctx, name);
  return found ? [found] : [];
};

export const v3EntityEndpoints: Endpoint<IdentityCtx>[] = [
  endpoint(identity.listRevokedV3, async () => {
    throw forbidden('not_supported');
  }),
  endpoint(identity.getV3Catalog, async (ctx) => {
    const t = userOf(ctx);
    if (t.scope === 'none') throw forbidden('scope.missing');
    return { catalog: v3Catalog(await ctx.directory.get()), links: linked(ctx, 'auth/catalog') };
  }),
  endpoint(identity.listAuthProjects, async (ctx, { query }) => listing(ctx, 'projects', 'auth/projects', await ownProjects(ctx), query)),
  endpoint(identity.listAuthDomains, async (ctx) => listing(ctx, 'domains', 'auth/domains', userOf(ctx).user.isSuperuser ? [domainView(ctx)] : [])),
  endpoint(identity.listAuthSystem, async (ctx) => listing(ctx, 'system', 'auth/system', userOf(ctx).user.isSuperuser ? [{ all: true }] : [])),
  endpoint(identity.listV3Projects, async (ctx, { query }) => {
    const found = elsewhere(query.domain_id)
      ? []
      : (await visibleProjects(ctx, query)).filter(
          (p) => query.user_id === undefined || query.user_id === p.ownerUuid || (p.isBase && query.user_id === p.uuid),
        );
    const enabled = enabledOf(query);
    return listing(
      ctx,
      'projects',
      'projects',
      found.map((p) => projectView(ctx, p)).filter((p) => (query.name === undefined || p.name === query.name) && (enabled ?? p.enabled) === p.enabled),
      query,
    );
  }),
  endpoint(identity.getV3Project, async (ctx, { params }) => {
    const own = component(ctx) ? undefined : (await ownProjects(ctx)).find((p) => p.id === params.id);
    if (own) return { project: own };
    await demandAdmin(ctx);
    return { project: projectView(ctx, await projectByUuid(ctx, params.id)) };
  }),
  endpoint(identity.listV3UserProjects, async (ctx, { params, query }) => {
    if (!component(ctx) && userOf(ctx).user.uuid === params.id) return listing(ctx, 'projects', `users/${params.id}/projects`, await ownProjects(ctx), query);
    await demandAdmin(ctx);
    const { uuid } = await accountByUuid(ctx.db, params.id);
    return listing(ctx, 'projects', `users/${uuid}/projects`, [projectView(ctx, await projectByUuid(ctx, uuid))], query);
  }),
  endpoint(identity.listV3Users, async (ctx, { query }) => {
    await demandAdmin(ctx);
    const enabled = enabledOf(query);
    const named = query.name === undefined ? undefined : await accountByName(ctx.db, query.name);
    const rows = elsewhere(query.domain_id)
      ? []
      : query.name === undefined
        ? await accounts(ctx.db, { limit: query.limit + 1, marker: query.marker, enabled })
        : named
          ? [named]
          : [];
    return listing(
      ctx,
      'users',
      'users',
      rows.map((a) => userView(ctx, a)).filter((u) => (enabled ?? u.enabled) === u.enabled),
      query,
    );
  }),
  endpoint(identity.getV3User, async (ctx, { params }) => {
    if (component(ctx) || userOf(ctx).user.uuid !== params.id) await demandAdmin(ctx);
    return { user: userView(ctx, await accountByUuid(ctx.db, params.id)) };
  }),
  endpoint(identity.changeV3Password, async (ctx, { params, body: { user } }) => {
    if (userOf(ctx).user.uuid !== params.id) throw forbidden();
    await changePassword(ctx, params.id, user.original_password, user.password);
  }),
  endpoint(identity.listDomains, async (ctx) => listing(ctx, 'domains', 'domains', [domainView(ctx)])),
  endpoint(identity.getDomain, async (ctx, { params }) => {
    if (params.id !== DOMAIN.id) throw notFound();
    return { domain: domainView(ctx) };
  }),
  endpoint(identity.listV3Roles, async (ctx, { query }) => listing(ctx, 'roles', 'roles', await roles(ctx), query)),
  endpoint(identity.listRoleAssignments, async (ctx, { query }) => {
    await demandAdmin(ctx);
    const found = await roleAssignments(ctx, query.limit);
    return listing(
      ctx,
      'role_assignments',
      'role_assignments',
      found.map((m) => ({
        role: { id: m.roleId },
        user: { id: m.uuid },
        scope: { project: { id: m.project } },
        links: { assignment: linked(ctx, `projects/${m.project}/users/${m.uuid}/roles/${m.roleId}`).self },
      })),
    );
  }),
  endpoint(identity.listV3Services, async (ctx, { query }) =>
    listing(
      ctx,
      'services',
      'services',
      (await ctx.directory.get()).services.map((s) =>
        entity(ctx, 'services', { id: String(s.id), name: s.name, type: s.type, enabled: true, description: '' }),
      ),
      query,
    ),
  ),
  endpoint(identity.listV3Endpoints, async (ctx, { query }) => {
    const directory = await ctx.directory.get();
    return listing(
      ctx,
      'endpoints',
      'endpoints',
      v3Catalog(directory).flatMap((s) => s.endpoints.map((e) => entity(ctx, 'endpoints', { ...e, service_id: s.id, enabled: true }))),
      query,
    );
  }),
  endpoint(identity.listRegions, async (ctx) => {
    const names = new Set(v3Catalog(await ctx.directory.get()).flatMap((s) => s.endpoints.map((e) => e.region)));
    return listing(
      ctx,
      'regions',
      'regions',
      [...new Set(['default', ...names])].map((id) => entity(ctx, 'regions', { id, description: '', parent_region_id: null })),
    );
  }),
];
