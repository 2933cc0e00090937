import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { filters } from './filters.js';
import { page, userParam } from './v2.js';

const contract = contractIn('keystone');

/** User administration in OpenStack Identity v2.0 (contract identity §7.9). */
const text = z.string();

/** A user as the administration API shows it; `detail` adds the dates. */
export const adminUser = z
  .looseObject({
    id: z.uuid(),
    email: text,
    first_name: text,
    last_name: text,
    is_active: z.boolean(),
    is_rejected: z.boolean(),
    rejected_reason: text.nullable(),
    deactivated_reason: text.nullable(),
    accepted_policy: text.nullable(),
    roles: z.array(text),
    authentication_methods: z.array(
      z.object({
        identifier: text,
        active: z.boolean(),
        affiliation: text.nullable(),
        backend: text,
        metadata: z.unknown(),
      }),
    ),
    name: text,
    username: text,
    enabled: z.boolean(),
    tenantId: z.uuid(),
  })
  .meta({ id: 'AdminUser' });
const list = z.object({ users: z.array(adminUser), users_links: z.array(z.unknown()) });
const usersQuery = filters({ name: z.string().optional(), ...page });
const fields = {
  first_name: z.string().min(1).max(150),
  last_name: z.string().min(1).max(150),
  affiliation: z.string().max(255),
  metadata: z.unknown().optional(),
};
const email = z.string().max(254, { abort: true }).check(z.email());
const password = z.string().min(12).max(4096);
export const listUsers = contract({
  method: 'get',
  path: '/identity/v2.0/users',
  aliases: ['/identity/v2.0/users.json', '/identity/v2.0/users.xml'],
  access: 'admin',
  status: 200,
  refusals: [404],
  summary: 'Users',
  description: 'Lists users in pages. With `name` it answers the one user of that name, or 404.',
  source: 'contract identity §7.9',
  query: usersQuery,
  response: z.union([list, z.object({ user: adminUser })]),
});
export const listUsersDetail = contract({
  method: 'get',
  path: '/identity/v2.0/users/detail',
  aliases: ['/identity/v2.0/users/detail.json', '/identity/v2.0/users/detail.xml'],
  access: 'admin',
  status: 200,
  summary: 'Users with their dates',
  description: 'Lists users in pages, each with the dates of registration, moderation and verification.',
  source: 'contract identity §7.9',
  query: usersQuery,
  response: list,
});
export const createUser = contract({
  method: 'post',
  path: '/identity/v2.0/users',
  aliases: ['/identity/v2.0/users.json', '/identity/v2.0/users.xml'],
  access: 'admin',
  status: 200,
  refusals: [409],
  summary: 'Make a user, verified and active',
  description:
    'Creates a user who is verified, accepted and active at once, and answers the uuid and a token. A password is ' +
    'generated when none is sent, and shown only here. 409 when a verified user has the address.',
  source: 'contract identity §7.9',
  // Strict: a client would take an unknown field, such as another name for `enabled`, for accepted.
  body: z.strictObject({
    user: z.strictObject({
      username: email,
      ...fields,
      password: password.optional(),
      affiliation: fields.affiliation.optional(),
    }),
  }),
  response: z.object({
    user: z.object({
      id: z.uuid(),
      password: text.optional().describe('only when it was made here'),
      auth_token: text,
    }),
  }),
});
export const getUser = contract({
  method: 'get',
  path: '/identity/v2.0/users/:id',
  access: 'admin',
  status: 200,
  summary: 'One user',
  description: 'Answers one user by uuid.',
  source: 'contract identity §7.9',
  params: userParam,
  response: z.object({ user: adminUser }),
});
export const updateUser = contract({
  method: 'put',
  path: '/identity/v2.0/users/:id',
  access: 'admin',
  status: 200,
  refusals: [409],
  summary: 'Change a user',
  description:
    'Changes the fields that are sent and leaves the others. A new password or `enabled` false revokes the tokens ' +
    'of the user. 409 when another user has the address.',
  source: 'contract identity §7.9',
  params: userParam,
  body: z.strictObject({
    user: z
      .strictObject({
        username: email,
        email: email.describe('the same as `username`'),
        ...fields,
        password,
        enabled: z.boolean().describe('false deactivates the user and revokes the tokens, true activates'),
        is_active: z.boolean().describe('the same as `enabled`'),
        id: text.describe('as in the path, where a client repeats it'),
      })
      .partial(),
  }),
  response: z.object({ user: adminUser }),
});
/** An action without parameters: `{"activate": ""}`. */
const nothing = z.union([z.strictObject({}), z.literal(''), z.literal(true), z.null()]);
const reason = z.union([z.strictObject({ reason: z.string().max(4096).optional() }), nothing]);
const group = z.strictObject({ name: z.string().max(100) });
export const userActions = z
  .strictObject({
    activate: nothing,
    deactivate: reason,
    renewToken: nothing,
    signTerms: nothing,
    setDefaultProject: z.strictObject({ project_id: z.string() }),
    verify: nothing,
    accept: nothing,
    reject: reason,
    addGroup: group,
    removeGroup: group,
    revokeTokens: nothing,
  })
  .partial();
export const actOnUser = contract({
  method: 'post',
  path: '/identity/v2.0/users/:id/action',
  access: 'admin',
  status: 200,
  refusals: [409],
  summary:
    'One of the actions activate, deactivate, renewToken, signTerms, setDefaultProject, verify, accept, reject, ' +
    'addGroup, removeGroup, revokeTokens',
  description:
    'Performs the one action that the body names, for example `{"deactivate": {"reason": "..."}}`, and answers what ' +
    'it changed. An unknown action is refused with 400; 409 when the state of the user does not allow it.',
  source: 'contract identity §7.9',
  params: userParam,
  body: userActions,
  response: z.object({ user: z.looseObject({ id: z.uuid() }) }),
});
