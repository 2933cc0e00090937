import { z } from 'zod';
import { contract } from '../endpoint.js';
import { filters } from './filters.js';
import { limitParameter } from '../whole-number.js';

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
  source: 'contract identity §7.1, §12.2',
  response: z.object({ versions: z.object({ values: z.array(z.looseObject({ id: text })) }) }),
});
export const getVersion2 = contract({
  method: 'get',
  path: '/identity/v2.0',
  access: 'public',
  status: 200,
  summary: 'Version 2.0',
  source: 'contract identity §7.1',
  response: z.object({ version: z.looseObject({ id: text }) }),
});
export const listExtensions = contract({
  method: 'get',
  path: '/identity/v2.0/extensions',
  access: 'public',
  status: 200,
  summary: 'Extensions: none',
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
  source: 'contract identity §11',
  params: z.object({ tenant: text, id: text }),
  query: filters({}),
  response: roles,
});
