import { z } from 'zod';
import { boundedArray } from '../bounded.js';
import { contractIn } from '../endpoint.js';
import { domainRef, links, listLinks, listQuery, roleRef, source, text } from './v3-shapes.js';

const contract = contractIn('keystone');

/** OpenStack Identity v3, what today's clients need (contract identity §12). */
export const v3Token = z
  .object({
    token: z.object({
      methods: z.array(text),
      issued_at: text,
      expires_at: text.describe('9999-12-31T23:59:59.000000Z: never'),
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
/** Nothing has a longer id or name but a project, whose name may be this long. */
const short = z.string().max(255);
const projectName = z.string().max(400);
const domainById = z.union([z.object({ id: short }), z.object({ name: short })]);
const userRef = z.union([z.object({ id: short }), z.object({ name: short, domain: domainById })]);
// One scope: of two, one would be left out unsaid.
const scope = z.union([
  z.literal('unscoped'),
  z.strictObject({
    project: z.union([z.object({ id: short }), z.object({ name: projectName, domain: domainById.optional() })]),
  }),
  z.strictObject({ domain: domainById }),
  z.strictObject({ system: z.object({ all: z.literal(true) }) }),
  z
    .strictObject({ unscoped: z.unknown() })
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
  description:
    'Issues a token, which is answered in the header `X-Subject-Token`. The scope is one project, domain or system, ' +
    'or `unscoped`; without one it is the default project. 401 for credentials or a scope that is not valid; 429 ' +
    'after too many failures.',
  source: 'contract identity §12.3',
  query: z.looseObject({ nocatalog: z.string().optional() }),
  body: z.object({
    auth: z.object({
      identity: z.object({
        methods: boundedArray(z.enum(['password', 'token', 'application_credential']), 3, 1),
        password: z.object({ user: userRef.and(z.object({ password: z.string().max(4096) })) }).optional(),
        token: z.object({ id: z.string().max(4096) }).optional(),
        application_credential: z
          .union([
            z.object({ id: short, secret: z.string().max(4096) }),
            z.object({ name: short, secret: z.string().max(4096), user: userRef }),
          ])
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
  description:
    'Validates the token of `X-Subject-Token` and answers its user, scope, roles and catalog. 404 when that token ' +
    'is not valid. `nocatalog` leaves the catalog out.',
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
  description:
    'Revokes the token of `X-Subject-Token`. Users revoke their own tokens, administrators any. 404 when that token ' +
    'is not valid.',
  source,
});
export const getVersion3 = contract({
  method: 'get',
  path: '/identity/v3',
  access: 'public',
  status: 200,
  summary: 'Version 3',
  description: 'Describes version 3 of the Identity API: its status and address.',
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
  description: 'Answers the service catalog of the token of the caller. 403 for an unscoped token.',
  source,
  response: z.object({ catalog: z.array(z.unknown()), links }),
});

const credentialParams = z.object({ id: z.string(), credential: z.string() });
const credential = z.looseObject({
  id: text,
  name: text,
  description: text.nullable(),
  project_id: text,
  roles: z.array(roleRef),
  unrestricted: z.boolean(),
  expires_at: text.nullable().describe('UTC, without a zone, as Keystone writes it here and only here; null: never'),
  links,
});
export const createCredential = contract({
  method: 'post',
  path: '/identity/v3/users/:id/application_credentials',
  access: 'user',
  status: 201,
  refusals: [409],
  summary: 'Make an application credential; its secret is shown only here',
  description:
    'Creates an application credential for the project of the token. Its roles are a subset of those of the token. ' +
    'The secret is shown only in this answer. 409 for a name that is in use.',
  source,
  params: z.object({ id: z.string() }),
  // The openstack command sends null for options that were not given.
  body: z.object({
    application_credential: z.strictObject({
      name: z.string().min(1).max(255),
      secret: z.string().min(16).max(255).nullable().optional(),
      description: z.string().max(4096).nullable().optional(),
      expires_at: z.string().max(64).nullable().optional(),
      roles: boundedArray(z.union([z.object({ id: short }), z.object({ name: short })]), 100)
        .nullable()
        .optional(),
      unrestricted: z.boolean().nullable().optional(),
      access_rules: boundedArray(z.unknown(), 100)
        .nullable()
        .optional()
        .describe('not enforced by every service yet, therefore refused'),
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
  description: 'Lists the application credentials of the user in the path, who is the caller. Secrets are not shown.',
  source,
  params: z.object({ id: z.string() }),
  query: listQuery({ name: text.optional() }),
  response: z.object({ application_credentials: z.array(credential), links: listLinks }),
});
export const getCredential = contract({
  method: 'get',
  path: '/identity/v3/users/:id/application_credentials/:credential',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'One application credential',
  description: 'Answers one application credential of the caller, without its secret.',
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
  description: 'Deletes an application credential; tokens that were issued with it are revoked.',
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
  description: 'Lists access rules. The list is empty: access rules can not be created.',
  source,
  params: z.object({ id: z.string() }),
  query: listQuery({ service: text.optional(), path: text.optional(), method: text.optional() }),
  response: z.object({ access_rules: z.array(z.unknown()), links: listLinks }),
});
