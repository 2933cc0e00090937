import { z } from 'zod';
import { contract, type Contract } from '../endpoint.js';
import { filters } from './filters.js';
import { entity, flag, listLinks, listQuery, source, text } from './v3-shapes.js';

/** Identity v3 beyond tokens: lists with Keystone's filters, and each thing that is listed by itself (contract identity §12.4). */
const listOf = <K extends string>(key: K) =>
  z.object({
    [key]: z.array(key === 'role_assignments' || key === 'system' ? z.looseObject({}) : entity),
    links: listLinks,
  } as Record<K, z.ZodArray<z.ZodType>> & { links: typeof listLinks });
const byId = z.object({ id: z.string() });
const v3List = <const P extends string, K extends string, F extends z.ZodRawShape>(
  path: P,
  key: K,
  summary: string,
  filters: F,
  refusals: number[] = [],
) =>
  contract({
    method: 'get',
    path,
    access: 'user',
    status: 200,
    refusals,
    summary,
    source,
    query: listQuery(filters),
    response: listOf(key),
  });
/** A list below one thing. */
const v3ListOf = <const P extends string, K extends string, F extends z.ZodRawShape>(
  path: P,
  key: K,
  summary: string,
  filters: F,
) => ({ ...v3List(path, key, summary, filters, [403]), params: byId });
const v3One = <const P extends string, K extends string>(path: P, key: K, summary: string, refusals: number[] = []) =>
  contract({
    method: 'get',
    path,
    access: 'user',
    status: 200,
    refusals,
    summary,
    source,
    params: byId,
    response: z.object({ [key]: entity } as Record<K, typeof entity>),
  });
/** Whether something is so: 204, or 404. */
const v3Check = <const P extends string, S extends z.ZodType>(path: P, params: S, summary: string) =>
  contract({ method: 'get', path, access: 'user', status: 204, refusals: [403], summary, source, params });
/** What says nothing of people is for components too. */
const forComponents = <const C extends Contract>(one: C) => ({ ...one, components: 'any' }) as const;

const name = { name: text.optional() };
const domain = { domain_id: text.optional() };
const enabled = { enabled: flag };
const ofProjects = { ...name, ...domain, ...enabled };

export const listAuthProjects = v3List(
  '/identity/v3/auth/projects',
  'projects',
  'Projects to which the token may be scoped',
  ofProjects,
);
export const listAuthDomains = v3List(
  '/identity/v3/auth/domains',
  'domains',
  'Domains to which the token may be scoped',
  { ...name, ...enabled },
);
export const listAuthSystem = v3List('/identity/v3/auth/system', 'system', 'System scopes that the token may take', {});
export const listRevokedV3 = contract({
  method: 'get',
  path: '/identity/v3/auth/tokens/OS-PKI/revoked',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Forbidden to everybody',
  source,
});

export const listV3Projects = v3List(
  '/identity/v3/projects',
  'projects',
  'Own projects; all for an administrator',
  {
    ...ofProjects,
    user_id: text.optional().describe('projects that this user owns, and the own one'),
    parent_id: text.optional(),
    is_domain: flag,
    tags: text.optional().describe('projects have no tags'),
    'tags-any': text.optional(),
    'not-tags': text.optional(),
    'not-tags-any': text.optional(),
  },
  [403],
);
const family = { parents_as_list: flag, parents_as_ids: flag, subtree_as_list: flag, subtree_as_ids: flag };
export const getV3Project = {
  ...v3One(
    '/identity/v3/projects/:id',
    'project',
    'One project; it has no parent but the domain, and no children',
    [403],
  ),
  query: filters(family),
} as const;
export const listV3UserProjects = v3ListOf(
  '/identity/v3/users/:id/projects',
  'projects',
  "A user's projects",
  ofProjects,
);

export const listV3Users = v3List(
  '/identity/v3/users',
  'users',
  'Users, for an administrator',
  { ...name, ...domain, ...enabled },
  [403],
);
export const getV3User = v3One(
  '/identity/v3/users/:id',
  'user',
  'One user: oneself, or any for an administrator',
  [403],
);
/**
 * A user is called by the e-mail address: `name` and `email` are one. What a user of Nefos does not have (a description, another domain,
 * options) can only be said to be as it is.
 */
export const updateV3User = contract({
  method: 'patch',
  path: '/identity/v3/users/:id',
  access: 'user',
  status: 200,
  refusals: [403, 409],
  summary: 'Change a user, for an administrator; a new password and `enabled` false revoke the tokens',
  source,
  params: byId,
  body: z.strictObject({
    user: z.strictObject({
      name: z.string().max(254, { abort: true }).check(z.email()).optional(),
      email: z.string().max(254, { abort: true }).check(z.email()).optional(),
      password: z.string().min(12).max(4096).optional(),
      enabled: z.boolean().optional(),
      default_project_id: z.uuid().optional(),
      domain_id: z.literal('default').optional(),
      description: z.union([z.literal(''), z.null()]).optional(),
      options: z.strictObject({}).optional(),
    }),
  }),
  response: z.object({ user: entity }),
});
export const changeV3Password = contract({
  method: 'post',
  path: '/identity/v3/users/:id/password',
  access: 'user',
  status: 204,
  refusals: [429],
  summary: 'Change the own password; revokes every token',
  source,
  params: byId,
  body: z.strictObject({
    user: z.strictObject({ original_password: z.string().max(4096), password: z.string().min(12).max(4096) }),
  }),
});

export const listV3Groups = v3List(
  '/identity/v3/groups',
  'groups',
  'Groups, for an administrator',
  { ...name, ...domain },
  [403],
);
export const getV3Group = v3One('/identity/v3/groups/:id', 'group', 'One group, for an administrator', [403]);
export const listV3GroupUsers = v3ListOf('/identity/v3/groups/:id/users', 'users', 'Who is in a group', {
  ...name,
  ...domain,
  ...enabled,
});
export const checkV3GroupUser = v3Check(
  '/identity/v3/groups/:id/users/:user',
  z.object({ id: text, user: text }),
  'Whether a user is in a group',
);
export const listV3UserGroups = v3ListOf(
  '/identity/v3/users/:id/groups',
  'groups',
  "A user's groups: one's own, or any for an administrator",
  { ...name, ...domain },
);

export const listDomains = forComponents(
  v3List('/identity/v3/domains', 'domains', 'The one domain', { ...name, ...enabled }),
);
export const getDomain = forComponents(v3One('/identity/v3/domains/:id', 'domain', 'The one domain'));
export const listV3Roles = forComponents(v3List('/identity/v3/roles', 'roles', 'Roles', { ...name, ...domain }));
export const getV3Role = forComponents(v3One('/identity/v3/roles/:id', 'role', 'One role'));
export const listV3Services = forComponents(
  v3List('/identity/v3/services', 'services', 'Registered services', { ...name, type: text.optional() }),
);
export const getV3Service = forComponents(v3One('/identity/v3/services/:id', 'service', 'One service'));
export const listV3Endpoints = forComponents(
  v3List('/identity/v3/endpoints', 'endpoints', 'Registered endpoints', {
    interface: z.enum(['public', 'internal', 'admin']).optional(),
    service_id: text.optional(),
    region_id: text.optional(),
    region: text.optional(),
    ...enabled,
  }),
);
export const getV3Endpoint = forComponents(v3One('/identity/v3/endpoints/:id', 'endpoint', 'One endpoint'));
export const listRegions = forComponents(
  v3List('/identity/v3/regions', 'regions', 'Regions', { parent_region_id: text.optional() }),
);
export const getRegion = forComponents(v3One('/identity/v3/regions/:id', 'region', 'One region'));

/** `group.id` and inheritance find nothing: roles are given to users, for one project, the domain or the system. */
export const listRoleAssignments = v3List(
  '/identity/v3/role_assignments',
  'role_assignments',
  'Who has which role where',
  {
    'user.id': text.optional(),
    'group.id': text.optional(),
    'role.id': text.optional(),
    'scope.project.id': text.optional(),
    'scope.domain.id': text.optional(),
    'scope.system': z.literal('all').optional(),
    'scope.OS-INHERIT:inherited_to': z.literal('projects').optional(),
    effective: flag.describe('with the roles that a role implies'),
    include_names: flag,
    include_subtree: flag.describe('with scope.project.id; projects have no children'),
  },
  [403],
);
const assignee = { project: text, user: text };
export const listProjectUserRoles = contract({
  method: 'get',
  path: '/identity/v3/projects/:project/users/:user/roles',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Roles that were given to a user in a project',
  source,
  params: z.object(assignee),
  query: listQuery({}),
  response: listOf('roles'),
});
export const checkProjectUserRole = v3Check(
  '/identity/v3/projects/:project/users/:user/roles/:role',
  z.object({ ...assignee, role: text }),
  'Whether a user has a role in a project',
);
const everywhere = { user: text };
export const listSystemUserRoles = contract({
  method: 'get',
  path: '/identity/v3/system/users/:user/roles',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Roles that were given to a user on the system',
  source,
  params: z.object(everywhere),
  query: listQuery({}),
  response: listOf('roles'),
});
export const checkSystemUserRole = v3Check(
  '/identity/v3/system/users/:user/roles/:role',
  z.object({ ...everywhere, role: text }),
  'Whether a user has a role on the system',
);
export const listDomainUserRoles = contract({
  method: 'get',
  path: '/identity/v3/domains/:domain/users/:user/roles',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Roles that were given to a user in the domain',
  source,
  params: z.object({ domain: text, user: text }),
  query: listQuery({}),
  response: listOf('roles'),
});
export const checkDomainUserRole = v3Check(
  '/identity/v3/domains/:domain/users/:user/roles/:role',
  z.object({ domain: text, user: text, role: text }),
  'Whether a user has a role in the domain',
);
