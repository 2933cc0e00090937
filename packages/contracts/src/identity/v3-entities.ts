import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { filters } from './filters.js';
import { byId, forComponents, v3Check, v3List, v3ListOf, v3One } from './v3-lists.js';
import { entity, flag, source, text } from './v3-shapes.js';

const contract = contractIn('keystone');

/**
 * Identity v3 beyond tokens: lists with the filters of Keystone, and the single entities of these lists (contract
 * identity §12.4).
 */
const name = { name: text.optional() };
const domain = { domain_id: text.optional() };
const enabled = { enabled: flag };
const ofProjects = { ...name, ...domain, ...enabled };

export const listAuthProjects = v3List(
  '/identity/v3/auth/projects',
  'projects',
  'Projects to which the token may be scoped',
  ofProjects,
  'Lists the projects to which the token of the caller may be scoped.',
);
export const listAuthDomains = v3List(
  '/identity/v3/auth/domains',
  'domains',
  'Domains to which the token may be scoped',
  { ...name, ...enabled },
  'Lists the domains to which the token of the caller may be scoped.',
);
export const listAuthSystem = v3List(
  '/identity/v3/auth/system',
  'system',
  'System scopes that the token may take',
  {},
  'Lists the system scopes that the token of the caller may take.',
);
export const listRevokedV3 = contract({
  method: 'get',
  path: '/identity/v3/auth/tokens/OS-PKI/revoked',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Forbidden to everybody',
  description:
    'Exists for clients that ask for it: the list of revoked tokens is shown to nobody, the answer is always 403.',
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
  'Lists the projects of the caller; all projects for an administrator. Another `name` is a 403 for users, as at ' +
    'Keystone: clients then take the word that they were given as an id.',
  [403],
);
const family = { parents_as_list: flag, parents_as_ids: flag, subtree_as_list: flag, subtree_as_ids: flag };
export const getV3Project = {
  ...v3One(
    '/identity/v3/projects/:id',
    'project',
    'One project; it has no parent but the domain, and no children',
    'Answers one project. Users see their own, administrators any. ' +
      'A project has no parent but the domain, and no children.',
    [403],
  ),
  query: filters(family),
} as const;
export const listV3UserProjects = v3ListOf(
  '/identity/v3/users/:id/projects',
  'projects',
  "A user's projects",
  ofProjects,
  'Lists the projects of a user. Users ask about themselves, administrators about anyone.',
);

export const listV3Users = v3List(
  '/identity/v3/users',
  'users',
  'Users, for an administrator',
  { ...name, ...domain, ...enabled },
  'Lists users, for administrators.',
  [403],
);
export const getV3User = v3One(
  '/identity/v3/users/:id',
  'user',
  'One user: oneself, or any for an administrator',
  'Answers one user: the caller, or any user for an administrator.',
  [403],
);
/**
 * The name of a user is the e-mail address: `name` and `email` are the same. Attributes that a user of Nefos does not
 * have (a description, another domain, options) are accepted only with the value that they always have.
 */
export const updateV3User = contract({
  method: 'patch',
  path: '/identity/v3/users/:id',
  access: 'user',
  status: 200,
  refusals: [403, 409],
  summary: 'Change a user, for an administrator; a new password and `enabled` false revoke the tokens',
  description:
    'Changes the fields that are sent and leaves the others; `name` and `email` are the same. A new password and ' +
    '`enabled` false revoke the tokens of the user. 403 for a caller who is no administrator, 409 when another user ' +
    'has the address.',
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
  description:
    'Changes the password of the caller and revokes all tokens of the user. 401 when `original_password` is wrong, ' +
    '429 after too many failures.',
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
  'Lists groups, for administrators.',
  [403],
);
export const getV3Group = v3One(
  '/identity/v3/groups/:id',
  'group',
  'One group, for an administrator',
  'Answers one group, for administrators.',
  [403],
);
export const listV3GroupUsers = v3ListOf(
  '/identity/v3/groups/:id/users',
  'users',
  'Who is in a group',
  { ...name, ...domain, ...enabled },
  'Lists the users in a group, for administrators.',
);
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
  'Lists the groups of a user: of the caller, or of any user for an administrator.',
);

export const listDomains = forComponents(
  v3List(
    '/identity/v3/domains',
    'domains',
    'The one domain',
    { ...name, ...enabled },
    'Lists the domains: there is one, `default`.',
  ),
);
export const getDomain = forComponents(
  v3One(
    '/identity/v3/domains/:id',
    'domain',
    'The one domain',
    'Answers the one domain, `default`; 404 for any other id.',
  ),
);
export const listV3Roles = forComponents(
  v3List(
    '/identity/v3/roles',
    'roles',
    'Roles',
    { ...name, ...domain },
    'Lists roles: reader, member, manager, admin and the groups of users.',
  ),
);
export const getV3Role = forComponents(
  v3One('/identity/v3/roles/:id', 'role', 'One role', 'Answers one role by its id.'),
);
export const listV3Services = forComponents(
  v3List(
    '/identity/v3/services',
    'services',
    'Registered services',
    { ...name, type: text.optional() },
    'Lists the services that are registered in the catalog.',
  ),
);
export const getV3Service = forComponents(
  v3One('/identity/v3/services/:id', 'service', 'One service', 'Answers one registered service by its id.'),
);
export const listV3Endpoints = forComponents(
  v3List(
    '/identity/v3/endpoints',
    'endpoints',
    'Registered endpoints',
    {
      interface: z.enum(['public', 'internal', 'admin']).optional(),
      service_id: text.optional(),
      region_id: text.optional(),
      region: text.optional(),
      ...enabled,
    },
    'Lists the endpoints of all registered services.',
  ),
);
export const getV3Endpoint = forComponents(
  v3One('/identity/v3/endpoints/:id', 'endpoint', 'One endpoint', 'Answers one endpoint by its id.'),
);
export const listRegions = forComponents(
  v3List(
    '/identity/v3/regions',
    'regions',
    'Regions',
    { parent_region_id: text.optional() },
    'Lists the regions of the catalog.',
  ),
);
export const getRegion = forComponents(
  v3One('/identity/v3/regions/:id', 'region', 'One region', 'Answers one region by its id.'),
);
