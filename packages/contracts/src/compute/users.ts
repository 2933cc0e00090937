import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { newUserFields } from './clients.js';
import { detailed, listOf, listQuery } from './lists.js';

const contract = contractIn('users');

const number = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number);
const userParam = z.object({ user_id: number });
const staff = { access: 'staff', source: 'contract compute §5' } as const;
export const user = z
  .strictObject({
    id: z.int(),
    username: z.string(),
    email: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    is_active: z.boolean(),
    is_staff: z.boolean(),
    external_billing_id: z.string().nullable(),
    date_joined: z.string(),
    clients: z.array(z.int()),
  })
  .meta({ id: 'User' });
const clients = drf.list(drf.integer({}), { required: false, max: 100 });

export const listUsers = contract({
  ...staff,
  method: 'get',
  path: '/staffapi/users',
  status: 200,
  summary: 'List users',
  description: 'Lists users of the portal, with paging, ordering, search and filtering.',
  query: listQuery,
  response: listOf(user),
});
export const createUser = contract({
  ...staff,
  method: 'post',
  path: '/staffapi/users',
  status: 201,
  summary: 'Create a user',
  description: 'Creates a user of the portal, with a password, and adds the user to the clients that are named.',
  body: drf.dict({ ...newUserFields, is_staff: drf.boolean({ required: false, default: false }), clients }),
  response: user,
});
export const getUser = contract({
  ...staff,
  method: 'get',
  path: '/staffapi/users/:user_id',
  status: 200,
  summary: 'A user',
  description: 'Answers one user with the ids of the clients to which the user belongs.',
  params: userParam,
  response: user,
});
export const patchUser = contract({
  ...staff,
  method: 'patch',
  path: '/staffapi/users/:user_id',
  refusals: [409],
  status: 200,
  summary: 'Change a user; an inactive one is refused at once',
  description:
    'Changes the fields that are sent and leaves the others. With `is_active` false the user is refused from then ' +
    'on. 409 when the identity service does not allow the change.',
  params: userParam,
  body: drf.partial({
    first_name: drf.char({ max: 150, blank: true }),
    last_name: drf.char({ max: 150, blank: true }),
    is_active: drf.boolean({}),
    external_billing_id: drf.char({ max: 64, nullable: true, blank: true }),
    clients: drf.list(drf.integer({}), { max: 100 }),
  }),
  response: user,
});
export const deleteUser = contract({
  ...staff,
  method: 'delete',
  path: '/staffapi/users/:user_id',
  status: 204,
  summary: 'Delete a user',
  description: 'Deletes a user of the portal and the tokens of that user.',
  params: userParam,
});

const tokens = { source: 'contract compute §2 A3' } as const;
const tokenInput = drf.dict({
  name: drf.char({ max: 255 }),
  expires_at: drf.char({ required: false, nullable: true, max: 40, default: null }),
  read_only: drf.boolean({ required: false, default: false }),
});
/** The key is shown only in this answer. */
export const newToken = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    key: z.string(),
    created: z.string(),
    expires_at: z.string().nullable(),
  })
  .meta({ id: 'NewToken' });
export const token = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    created: z.string(),
    expires_at: z.string().nullable(),
    read_only: z.boolean(),
  })
  .meta({ id: 'NamedToken' });
export const listUserTokens = contract({
  ...tokens,
  access: 'staff',
  method: 'get',
  path: '/staffapi/users/:user_id/tokens',
  status: 200,
  summary: "List a user's tokens",
  description: 'Lists the named tokens of a user, without their keys.',
  params: userParam,
  query: listQuery,
  response: listOf(token),
});
export const createUserToken = contract({
  ...tokens,
  access: 'staff',
  method: 'post',
  path: '/staffapi/users/:user_id/tokens',
  status: 201,
  refusals: [409],
  summary: 'Issue a token for a user',
  description:
    'Issues a named token for a user. The key is shown only in this answer. 409 when the token of the caller does ' +
    'not allow it.',
  params: userParam,
  body: tokenInput,
  response: newToken,
});
export const deleteUserToken = contract({
  ...tokens,
  access: 'staff',
  method: 'delete',
  path: '/staffapi/users/:user_id/tokens/:token_id',
  status: 204,
  summary: "Revoke a user's token",
  description: 'Revokes a named token of a user, at once.',
  params: z.object({ user_id: number, token_id: number }),
});
export const listOwnTokens = contract({
  ...tokens,
  access: 'enduser',
  method: 'get',
  path: '/api/tokens',
  status: 200,
  summary: 'List the own tokens',
  description: 'Lists the named tokens of the caller, without their keys.',
  query: listQuery,
  response: listOf(token),
});
export const createOwnToken = contract({
  ...tokens,
  access: 'enduser',
  method: 'post',
  path: '/api/tokens',
  status: 201,
  refusals: [409],
  summary: 'Issue an own token',
  description:
    'Issues a named token for the caller. The key is shown only in this answer. 409 when the token of the caller ' +
    'does not allow it.',
  body: tokenInput,
  response: newToken,
});
export const deleteOwnToken = contract({
  ...tokens,
  access: 'enduser',
  method: 'delete',
  path: '/api/tokens/:token_id',
  status: 204,
  summary: 'Revoke an own token',
  description: 'Revokes a named token of the caller, at once.',
  params: z.object({ token_id: number }),
});

const sessions = { source: 'contract compute §2' } as const;
const loginInput = drf.dict({ username: drf.char({ max: 254 }), password: drf.char({ max: 4096, trim: false }) });
export const currentUser = user
  .omit({ clients: true, date_joined: true })
  .extend({
    permissions: z.record(z.string(), z.boolean()),
    clients: z.array(z.object({ id: z.int(), name: z.string() })),
  })
  .meta({ id: 'CurrentUser' });
const login = (area: 'staffapi' | 'api') =>
  contract({
    ...sessions,
    access: 'public',
    method: 'post',
    path: `/${area}/login`,
    status: 200,
    summary: 'Begin a session',
    description:
      'Checks user name and password, sets the session cookies and answers the user. 400 for wrong credentials, 429 ' +
      'after too many failures.',
    body: loginInput,
    response: z.object({ user }),
  });
const logout = (area: 'staffapi' | 'api') =>
  contract({
    ...sessions,
    access: area === 'api' ? 'enduser' : 'staff',
    method: 'post',
    path: `/${area}/logout`,
    status: 200,
    summary: 'End the session',
    description: 'Ends the session of the browser and removes its cookies.',
    response: detailed,
  });
const current = (area: 'staffapi' | 'api') =>
  contract({
    ...sessions,
    access: area === 'api' ? 'enduser' : 'staff',
    method: 'get',
    path: `/${area}/current-user`,
    status: 200,
    summary: 'Who calls',
    description: 'Answers the user who calls, with permissions and clients.',
    response: currentUser,
  });
export const staffLogin = login('staffapi');
export const staffLogout = logout('staffapi');
export const staffCurrentUser = current('staffapi');
export const userLogin = login('api');
export const userLogout = logout('api');
export const userCurrentUser = current('api');
