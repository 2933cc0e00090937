import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { user } from './users.js';
import { one } from './params.js';

const contract = contractIn('users');

/**
 * Single sign-on: an external billing panel signs in a customer who is signed in there already, without a password.
 */
const sso = { source: 'contract compute §5' } as const;
export const getSsoSession = contract({
  ...sso,
  access: 'staff',
  method: 'post',
  path: '/staffapi/get-sso-session',
  status: 200,
  refusals: [404],
  summary: 'Make a link by which an end user signs in: once, within a minute',
  description:
    'Makes a link by which an end user, named by the external billing id, signs in without a password. It works ' +
    'once, within a minute. 404 for an unknown id.',
  body: drf.dict({ euid: drf.char({ max: 64 }) }),
  response: z.strictObject({ hash_val: z.string() }),
});
const shared = { ...sso, access: 'public', path: '/api/sso', status: 200, response: z.object({ user }) } as const;
export const ssoSignIn = contract({
  ...shared,
  method: 'post',
  summary: 'Begin a session with what /staffapi/get-sso-session gave',
  description: 'Begins a session with what `/staffapi/get-sso-session` answered, and sets the session cookies.',
  body: drf.dict({ euid: drf.char({ max: 64 }), timestamp: drf.integer({ min: 0 }), hash_val: drf.char({ max: 256 }) }),
});
export const ssoLink = contract({
  ...shared,
  method: 'get',
  writes: true,
  refusals: [400],
  summary: 'The same as a link for a browser',
  description:
    'Begins a session as the POST does, from a link that a browser follows. It sets cookies though it is a GET.',
  query: z.looseObject({ euid: one, timestamp: one, hash_val: one }),
});
