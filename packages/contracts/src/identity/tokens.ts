import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { filters } from './filters.js';
import { limitParameter, wholeParameter } from '../whole-number.js';

const contract = contractIn('keystone');

/** OpenStack Identity v2.0: tokens (contract identity §5.7, §7.2, §11). */
const text = z.string();
export const catalogEndpoint = z.looseObject({ publicURL: text.optional(), region: text });
export const catalogService = z
  .object({ name: text, type: text, endpoints: z.array(catalogEndpoint), endpoints_links: z.array(z.unknown()) })
  .meta({ id: 'CatalogService' });
export const access = z
  .object({
    access: z.object({
      token: z
        .looseObject({
          id: text,
          expires: text.describe('ISO 8601, UTC, microseconds'),
          tenant: z.object({ id: z.uuid(), name: text }),
        })
        .optional(),
      serviceCatalog: z.array(catalogService),
      user: z
        .object({
          id: z.uuid(),
          name: text,
          roles: z.array(z.object({ id: z.int(), name: text })),
          roles_links: z.array(z.unknown()),
          projects: z.array(z.uuid()),
        })
        .optional(),
    }),
  })
  .meta({ id: 'Access' });
const produces = ['application/json', 'application/xml'];
/** `*id`: old tokens have slashes in them; none ends with one, so the last is the address's. */
const params = z.object({
  id: z
    .array(z.string())
    .transform((parts) => parts.join('/').replace(/\/$/, ''))
    .meta({ type: 'string', items: undefined }),
});

export const postTokens = contract({
  method: 'post',
  path: '/identity/v2.0/tokens',
  access: 'public',
  ofGuide: true,
  optionalBody: true,
  status: 200,
  refusals: [401, 429],
  summary: 'Check a token, or a uuid and token, or a password; without a body only the catalog',
  description:
    'Checks a token, a uuid with a token, or a user name with a password, and answers the token, the user and the ' +
    'service catalog. Without a body it answers the catalog only. 401 for credentials that are not valid; 429 after ' +
    'too many failures.',
  source: 'seed Tokens Authenticate; contract identity §5.7',
  // Judged step by step in the domain: the order of refusals is part of the promise.
  body: z
    .unknown()
    .meta({
      type: 'object',
      properties: {
        auth: {
          type: 'object',
          properties: {
            token: { type: 'object', properties: { id: { type: 'string' } } },
            passwordCredentials: {
              type: 'object',
              properties: { username: { type: 'string' }, userId: { type: 'string' }, password: { type: 'string' } },
            },
            tenantName: { type: ['string', 'null'] },
            tenantId: { type: ['string', 'null'] },
          },
        },
      },
    }),
  response: access,
  produces,
});
export const listRevoked = contract({
  method: 'get',
  path: '/identity/v2.0/tokens/revoked',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'Forbidden to everybody',
  description:
    'Exists for clients that ask for it: the list of revoked tokens is shown to nobody, the answer is always 403.',
  source: 'contract identity §11',
});
export const tokenEndpoint = z.object({
  id: z.int(),
  name: text,
  type: text,
  region: text,
  publicURL: text,
  internalURL: text,
  adminURL: text,
  'SNF:uiURL': text,
});
export const listTokenEndpoints = contract({
  method: 'get',
  path: '/identity/v2.0/tokens/*id/endpoints',
  access: 'public',
  status: 200,
  refusals: [403],
  summary: 'Endpoints for the own token',
  description: 'Lists the endpoints of the catalog for the token in the path. The caller shows the same token.',
  source: 'contract identity §7.2',
  params,
  query: filters({
    belongsTo: z.string().optional(),
    marker: wholeParameter({ min: 0, otherwise: 0 }),
    limit: limitParameter(10_000),
  }),
  response: z.object({
    endpoints: z.array(tokenEndpoint),
    endpoint_links: z.array(z.object({ rel: text, href: text })),
  }),
});
export const getToken = contract({
  method: 'get',
  path: '/identity/v2.0/tokens/*id',
  access: 'public',
  status: 200,
  summary: 'Validate a token, for services, administrators and its holder',
  description:
    'Validates the token in the path and answers its user and scope. Services and administrators may validate any ' +
    'token, a user only the own one. 404 when the token is not valid.',
  source: 'contract identity §7.2',
  params,
  query: z.looseObject({ belongsTo: z.string().optional() }),
  response: access,
  produces,
});
export const deleteToken = contract({
  method: 'delete',
  path: '/identity/v2.0/tokens/*id',
  access: 'user',
  evenReadOnly: true,
  status: 204,
  summary: "Revoke a token of one's own",
  description:
    'Revokes the token in the path, at once. Users revoke their own tokens, administrators any. 404 for an unknown ' +
    'token.',
  source: 'contract identity §11',
  params,
});
