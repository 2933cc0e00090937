import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { filters } from './filters.js';
import { limitParameter } from '../whole-number.js';

const contract = contractIn('keystone');

/** The rest of OpenStack Identity v2.0 (contract identity §7.1, §7.9, §11). */
const text = z.string();
/** Parameters of a page. */
export const page = { limit: limitParameter(1000), marker: z.string().max(64).optional() };

export const listVersions = contract({
  method: 'get',
  path: '/identity',
  access: 'public',
  status: 200,
  summary: 'Versions of the Identity API',
  description:
    'Lists the versions of the Identity API, v3 and v2.0, with their addresses. Clients read it before they ' +
    'authenticate.',
  source: 'contract identity §7.1, §12.2',
  response: z.object({ versions: z.object({ values: z.array(z.looseObject({ id: text })) }) }),
});
export const getVersion2 = contract({
  method: 'get',
  path: '/identity/v2.0',
  access: 'public',
  status: 200,
  summary: 'Version 2.0',
  description: 'Describes version 2.0 of the Identity API: its status and address.',
  source: 'contract identity §7.1',
  response: z.object({ version: z.looseObject({ id: text }) }),
});
export const listExtensions = contract({
  method: 'get',
  path: '/identity/v2.0/extensions',
  access: 'public',
  status: 200,
  summary: 'Extensions: none',
  description: 'Answers the list of extensions, which is empty.',
  source: 'contract identity §11',
  response: z.object({ extensions: z.object({ values: z.array(z.unknown()) }) }),
});

export const tenant = z
  .object({ id: z.uuid(), name: text, description: text, enabled: z.boolean() })
  .meta({ id: 'Tenant' });
export const listTenants = contract({
  method: 'get',
  path: '/identity/v2.0/tenants',
  access: 'user',
  status: 200,
  refusals: [403, 404],
  summary: 'Projects to which the token may be scoped',
  description:
    'Lists the projects to which the token of the caller may be scoped, the system project first. With `name` it ' +
    'answers the one project of that name, for administrators.',
  source: 'contract identity §11',
  query: filters({ name: z.string().optional(), ...page }),
  response: z.union([
    z.object({ tenants: z.array(tenant), tenants_links: z.array(z.unknown()) }),
    z.object({ tenant }),
  ]),
});
export const getTenant = contract({
  method: 'get',
  path: '/identity/v2.0/tenants/:id',
  access: 'user',
  status: 200,
  summary: 'One project',
  description: 'Answers one project to which the caller may scope a token. 404 for any other.',
  source: 'contract identity §11',
  params: z.object({ id: z.string() }),
  response: z.object({ tenant }),
});

const role = z.object({ id: z.union([z.int(), text]), name: text });
const roles = z.object({ roles: z.array(role), roles_links: z.array(z.unknown()) });
export const listRoles = contract({
  method: 'get',
  path: '/identity/v2.0/OS-KSADM/roles',
  access: 'admin',
  status: 200,
  summary: 'Groups, as roles',
  description: 'Lists the groups of users, shown as roles.',
  source: 'contract identity §11',
  query: filters({}),
  response: roles,
});
const byId = z.object({ id: z.string() });
export const getRole = contract({
  method: 'get',
  path: '/identity/v2.0/OS-KSADM/roles/:id',
  access: 'admin',
  status: 200,
  summary: 'One role',
  description: 'Answers one role by its id.',
  source: 'contract identity §11',
  params: byId,
  response: z.object({ role }),
});
export const listServices = contract({
  method: 'get',
  path: '/identity/v2.0/OS-KSADM/services',
  access: 'admin',
  status: 200,
  summary: 'Registered services',
  description: 'Lists the services that are registered in the catalog.',
  source: 'contract identity §11',
  query: filters({}),
  response: z.object({
    'OS-KSADM:services': z.array(z.object({ id: text, name: text, type: text, description: text })),
  }),
});
export const getService = contract({
  method: 'get',
  path: '/identity/v2.0/OS-KSADM/services/:id',
  access: 'admin',
  status: 200,
  summary: 'One service',
  description: 'Answers one registered service by its id.',
  source: 'contract identity §11',
  params: byId,
  response: z.object({ 'OS-KSADM:service': z.object({ id: text, name: text, type: text, description: text }) }),
});
export const listEndpoints = contract({
  method: 'get',
  path: '/identity/v2.0/endpoints',
  access: 'admin',
  status: 200,
  summary: 'Registered endpoints',
  description: 'Lists the endpoints of all registered services.',
  source: 'contract identity §11',
  query: filters({}),
  response: z.object({ endpoints: z.array(z.looseObject({ id: text })), endpoints_links: z.array(z.unknown()) }),
});
export const getEndpoint = contract({
  method: 'get',
  path: '/identity/v2.0/endpoints/:id',
  access: 'admin',
  status: 200,
  summary: 'One endpoint',
  description: 'Answers one registered endpoint by its id.',
  source: 'contract identity §11',
  params: byId,
  response: z.object({ endpoint: z.looseObject({ id: text }) }),
});
/** A user's uuid; the extension names a format, and is not part of it. */
export const userParam = z.object({
  id: z
    .string()
    .transform((id) => id.replace(/\.(json|xml)$/, ''))
    .meta({ type: 'string' }),
});
export const listUserRoles = contract({
  method: 'get',
  path: '/identity/v2.0/users/:id/roles',
  access: 'admin',
  status: 200,
  summary: "A user's roles",
  description: 'Lists the roles (groups) of a user.',
  source: 'contract identity §11',
  params: userParam,
  query: filters({}),
  response: roles,
});
export const listTenantUserRoles = contract({
  method: 'get',
  path: '/identity/v2.0/tenants/:tenant/users/:id/roles',
  access: 'admin',
  status: 200,
  summary: "A user's roles in a project",
  description: 'Lists the roles of a user in one project.',
  source: 'contract identity §11',
  params: z.object({ tenant: text, id: text }),
  query: filters({}),
  response: roles,
});
