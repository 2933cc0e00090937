import { z } from 'zod';
import { boundedArray } from '../bounded.js';
import { contract, type Contract } from '../endpoint.js';

/** OpenStack Identity v3, what today's clients need (contract identity §12). */
const text = z.string();
const links = z.object({ self: text });
const listLinks = z.object({ self: text, next: text.nullable(), previous: text.nullable() });
const source = 'contract identity §12.4';
const domainRef = z.object({ id: text, name: text });
const roleRef = z.object({ id: text, name: text });
export const v3Token = z
  .object({
    token: z.object({
      methods: z.array(text),
      issued_at: text,
      expires_at: text.nullable().describe('null: never (components)'),
      audit_ids: z.array(text),
      is_domain: z.boolean().optional(),
      user: z.object({ id: text, name: text, domain: domainRef, password_expires_at: z.null() }),
      project: z.object({ id: text, name: text, domain: domainRef }).optional(),
      domain: domainRef.optional(),
      system: z.object({ all: z.literal(true) }).optional(),
      roles: z.array(roleRef).optional(),
      catalog: z.array(z.unknown()).optional(),
      application_credential: z.object({ id: text, name: text, restricted: z.boolean() }).optional(),
      read_only: z.literal(true).optional().describe('the token may only read, whatever its roles'),
    }),
  })
  .meta({ id: 'V3Token' });
const domainById = z.union([z.object({ id: z.string() }), z.object({ name: z.string() })]);
const userRef = z.union([z.object({ id: z.string().max(255) }), z.object({ name: z.string().max(255), domain: domainById })]);
const scope = z.union([
  z.literal('unscoped'),
  z.object({ project: z.union([z.object({ id: z.string() }), z.object({ name: z.string(), domain: domainById.optional() })]) }),
  z.object({ domain: domainById }),
  z.object({ system: z.object({ all: z.literal(true) }) }),
  z
    .object({ unscoped: z.unknown() })
    .transform(() => 'unscoped' as const)
    .meta({ type: 'object' }),
]);
export const issueV3Token = contract({
  method: 'post',
  path: '/identity/v3/auth/tokens',
  access: 'public',
  status: 201,
  refusals: [401, 403, 429],
  summary: 'Authenticate: password, token or application credential',
  source: 'contract identity §12.3',
  query: z.looseObject({ nocatalog: z.string().optional() }),
  body: z.object({
    auth: z.object({
      identity: z.object({
        methods: boundedArray(z.enum(['password', 'token', 'application_credential']), 3, 1),
        password: z.object({ user: userRef.and(z.object({ password: z.string().max(4096) })) }).optional(),
        token: z.object({ id: z.string() }).optional(),
        application_credential: z
          .union([z.object({ id: z.string(), secret: z.string().max(4096) }), z.object({ name: z.string(), secret: z.string().max(4096), user: userRef })])
          .optional(),
      }),
      scope: scope.optional(),
    }),
  }),
  response: v3Token,
});
export const getV3Token = contract({
  method: 'get',
  path: '/identity/v3/auth/tokens',
  access: 'user',
  components: 'any',
  status: 200,
  refusals: [403, 404],
  headers: { 'X-Subject-Token': 'the token that is meant' },
  summary: 'Show the token of X-Subject-Token',
  source,
  query: z.looseObject({ nocatalog: z.string().optional(), allow_expired: z.string().optional() }),
  response: v3Token,
});
export const deleteV3Token = contract({
  method: 'delete',
  path: '/identity/v3/auth/tokens',
  access: 'user',
  evenReadOnly: true,
  components: 'any',
  status: 204,
  refusals: [403, 404],
  headers: { 'X-Subject-Token': 'the token that is meant' },
  summary: 'Revoke the token of X-Subject-Token',
  source,
});
export const getVersion3 = contract({
  method: 'get',
  path: '/identity/v3',
  access: 'public',
  status: 200,
  summary: 'Version 3',
  source: 'contract identity §12.2',
  response: z.object({ version: z.looseObject({ id: text }) }),
});
export const getV3Catalog = contract({
  method: 'get',
  path: '/identity/v3/auth/catalog',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'The catalog of a scoped token',
  source,
  response: z.object({ catalog: z.array(z.unknown()), links }),
});

const entity = z.looseObject({ id: text, links });
const page = z.looseObject({ limit: z.coerce.number().int().min(1).max(1000).default(1000), marker: z.string().max(64).optional() });
const listOf = <K extends string>(key: K) =>
  z.object({ [key]: z.array(key === 'role_assignments' || key === 'system' ? z.looseObject({}) : entity), links: listLinks } as Record<
    K,
    z.ZodArray<z.ZodType>
  > & { links: typeof listLinks });
const v3List = <const P extends string, K extends string>(path: P, key: K, summary: string, refusals: number[] = []) =>
  contract({ method: 'get', path, access: 'user', status: 200, refusals, summary, source, query: page, response: listOf(key) });
const v3One = <const P extends string, K extends string>(path: P, key: K, summary: string, refusals: number[] = []) =>
  contract({
    method: 'get',
    path,
    access: 'user',
    status: 200,
    refusals,
    summary,
    source,
    params: z.object({ id: z.string() }),
    response: z.object({ [key]: entity } as Record<K, typeof entity>),
  });

/** What says nothing of people is for components too. */
const forComponents = <const C extends Contract>(one: C) => ({ ...one, components: 'any' }) as const;

export const listAuthProjects = v3List('/identity/v3/auth/projects', 'projects', 'Projects to which the token may be scoped');
export const listAuthDomains = v3List('/identity/v3/auth/domains', 'domains', 'Domains to which the token may be scoped');
export const listAuthSystem = v3List('/identity/v3/auth/system', 'system', 'System scopes that the token may take');
export const listRevokedV3 = contract({
  method: 'get',
  path: '/identity/v3/auth/tokens/OS-PKI/revoked',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Forbidden to everybody',
  source,
});
export const listV3Projects = contract({
  method: 'get',
  path: '/identity/v3/projects',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Own projects; all for an administrator',
  source,
  query: page.extend({ name: z.string().optional(), enabled: z.string().optional(), domain_id: z.string().optional(), user_id: z.string().optional() }),
  response: listOf('projects'),
});
export const getV3Project = v3One('/identity/v3/projects/:id', 'project', 'One project', [403]);
export const listV3UserProjects = contract({
  method: 'get',
  path: '/identity/v3/users/:id/projects',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: "A user's projects",
  source,
  params: z.object({ id: z.string() }),
  query: page,
  response: listOf('projects'),
});
export const listV3Users = contract({
  method: 'get',
  path: '/identity/v3/users',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Users, for an administrator',
  source,
  query: page.extend({ name: z.string().optional(), enabled: z.string().optional(), domain_id: z.string().optional() }),
  response: listOf('users'),
});
export const getV3User = v3One('/identity/v3/users/:id', 'user', 'One user: oneself, or any for an administrator', [403]);
export const changeV3Password = contract({
  method: 'post',
  path: '/identity/v3/users/:id/password',
  access: 'user',
  status: 204,
  refusals: [429],
  summary: 'Change the own password; revokes every token',
  source,
  params: z.object({ id: z.string() }),
  body: z.object({ user: z.object({ original_password: z.string().max(4096), password: z.string().min(12).max(4096) }) }),
});
export const listDomains = forComponents(v3List('/identity/v3/domains', 'domains', 'The one domain'));
export const getDomain = forComponents(v3One('/identity/v3/domains/:id', 'domain', 'The one domain'));
export const listV3Roles = forComponents(v3List('/identity/v3/roles', 'roles', 'Roles'));
export const listRoleAssignments = v3List('/identity/v3/role_assignments', 'role_assignments', 'Who has which role where', [403]);
export const listV3Services = forComponents(v3List('/identity/v3/services', 'services', 'Registered services'));
export const listV3Endpoints = forComponents(v3List('/identity/v3/endpoints', 'endpoints', 'Registered endpoints'));
export const listRegions = forComponents(v3List('/identity/v3/regions', 'regions', 'The one region'));

const credentialParams = z.object({ id: z.string(), credential: z.string() });
const credential = z.looseObject({
  id: text,
  name: text,
  description: text.nullable(),
  project_id: text,
  roles: z.array(roleRef),
  unrestricted: z.boolean(),
  expires_at: text.nullable(),
  links,
});
export const createCredential = contract({
  method: 'post',
  path: '/identity/v3/users/:id/application_credentials',
  access: 'user',
  status: 201,
  refusals: [409],
  summary: 'Make an application credential; its secret is shown only here',
  source,
  params: z.object({ id: z.string() }),
  body: z.object({
    application_credential: z.object({
      name: z.string().min(1).max(255),
      secret: z.string().min(16).max(255).optional(),
      description: z.string().max(4096).nullable().optional(),
      expires_at: z.string().max(64).nullable().optional(),
      roles: boundedArray(z.union([z.object({ id: z.string() }), z.object({ name: z.string() })]), 100).optional(),
      unrestricted: z.boolean().optional(),
      access_rules: boundedArray(z.unknown(), 100).optional().describe('not enforced by every service yet, therefore refused'),
    }),
  }),
  response: z.object({ application_credential: credential.extend({ secret: text }) }),
});
export const listCredentials = contract({
  method: 'get',
  path: '/identity/v3/users/:id/application_credentials',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Own application credentials',
  source,
  params: z.object({ id: z.string() }),
  query: page.extend({ name: z.string().optional() }),
  response: z.object({ application_credentials: z.array(credential), links: listLinks }),
});
export const getCredential = contract({
  method: 'get',
  path: '/identity/v3/users/:id/application_credentials/:credential',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'One application credential',
  source,
  params: credentialParams,
  response: z.object({ application_credential: credential }),
});
export const deleteCredential = contract({
  method: 'delete',
  path: '/identity/v3/users/:id/application_credentials/:credential',
  access: 'user',
  status: 204,
  summary: 'Delete an application credential and its tokens',
  source,
  params: credentialParams,
});
export const listAccessRules = contract({
  method: 'get',
  path: '/identity/v3/users/:id/access_rules',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Access rules: none can be made',
  source,
  params: z.object({ id: z.string() }),
  response: z.object({ access_rules: z.array(z.unknown()), links: listLinks }),
});
