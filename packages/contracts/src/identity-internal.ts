import { z } from 'zod';
import { contract } from './endpoint.js';

/** What other services of Nefos ask of identity, with their service token. The gateway does not hand these on. A refusal is `{"error": {code, title, message, reason}}`; programs go by `reason`. */
const uuidParam = z.object({ uuid: z.uuid() });
const managers = { access: 'service', components: 'users.manage' } as const;

/** Makes a user that can not sign in yet; the same call again changes nothing. An unverified namesake gives way (contract identity §8.1). 409: a verified user has this e-mail. */
export const putUser = contract({
  method: 'put',
  path: '/internal/v1/users/:uuid',
  ...managers,
  status: 200,
  summary: 'Make a user, not yet active',
  source: 'ours',
  params: uuidParam,
  body: z.object({
    email: z.string().max(254, { abort: true }).check(z.email()),
    first_name: z.string().max(150),
    last_name: z.string().max(150),
    password: z.string().min(1).max(4096).optional(),
  }),
  response: z.object({ uuid: z.uuid(), email: z.string(), is_active: z.boolean() }),
});
/** Verifies, accepts and activates; idempotent. */
export const activateUser = contract({
  method: 'post',
  path: '/internal/v1/users/:uuid/activate',
  ...managers,
  status: 204,
  summary: 'Verify, accept and activate a user',
  source: 'ours',
  params: uuidParam,
});
/** Removes the user and every token; absent is success. */
export const deleteUser = contract({
  method: 'delete',
  path: '/internal/v1/users/:uuid',
  ...managers,
  status: 204,
  summary: 'Remove a user made by this component',
  source: 'ours',
  params: uuidParam,
});
/** `reason` of a 401 that judges the user's password; any other 401 judges the caller's token. */
export const PASSWORD_WRONG = 'credentials.wrong';
/** 204 right, 401 with PASSWORD_WRONG: wrong, not active, or locked after too many failures as for a login; 429: too many at once. */
export const checkPassword = contract({
  method: 'post',
  path: '/internal/v1/users/:uuid/check-password',
  ...managers,
  status: 204,
  summary: "Check a user's password",
  source: 'ours',
  params: uuidParam,
  body: z.object({ password: z.string().max(4096) }),
});
export const issuedToken = z.object({ token: z.string(), audit_id: z.string(), created: z.string(), expires_at: z.string().nullable() });
/** `hex`: 40 hex digits, the form of contract compute §2 A1; `base64url`: 43 characters. `expires_at` null: never. */
export const issueToken = contract({
  method: 'post',
  path: '/internal/v1/users/:uuid/tokens',
  ...managers,
  status: 201,
  summary: 'Issue a named token',
  source: 'ours',
  params: uuidParam,
  body: z.object({
    label: z.string().max(255),
    form: z.enum(['hex', 'base64url']),
    expires_at: z
      .string()
      .max(40, { abort: true })
      .check(z.iso.datetime({ offset: true }))
      .nullable(),
  }),
  response: issuedToken,
});
/** Absent is success. */
export const revokeToken = contract({
  method: 'delete',
  path: '/internal/v1/tokens/:audit_id',
  ...managers,
  status: 204,
  summary: 'Revoke a token by its public name',
  source: 'ours',
  params: z.object({ audit_id: z.string().max(64) }),
});
