import { z } from 'zod';
import { contract } from '../endpoint.js';
import { instant } from '../instant.js';
import { limitParameter } from '../whole-number.js';

/** What other services of Nefos ask of identity, with their service token. The gateway does not hand these on. A refusal is `{"error": {code, title, message, reason}}`; programs go by `reason`. */
const uuidParam = z.object({ uuid: z.uuid() });
const managers = { access: 'service', components: 'users.manage' } as const;

/** Makes a user that can not sign in yet; the same call again changes nothing. An unverified namesake gives way (contract identity §8.1). 409: a verified user has this e-mail. */
export const putUser = contract({
  method: 'put',
  path: '/internal/v1/users/:uuid',
  ...managers,
  status: 200,
  refusals: [409],
  summary: 'Make a user, not yet active',
  source: 'ours',
  params: uuidParam,
  body: z.object({
    email: z.string().max(254, { abort: true }).check(z.email()),
    first_name: z.string().max(150),
    last_name: z.string().max(150),
    password: z.string().min(1).max(4096).optional(),
    staff: z.boolean().optional().describe('of the component: terms of use do not bind the user'),
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
/** Removes the user and every token; absent is success. 403 with `reason` user.protected: an administrator by now. */
export const deleteUser = contract({
  method: 'delete',
  path: '/internal/v1/users/:uuid',
  ...managers,
  status: 204,
  summary: 'Remove a user made by this component',
  source: 'ours',
  params: uuidParam,
});
/** `reason` of a 403: the user has to sign the terms of use first, at /ui/approval_terms. */
export const TERMS_PENDING = 'terms.pending';
/** `reason` of a 401 that judges the user's password; any other 401 judges the caller's token. */
export const PASSWORD_WRONG = 'credentials.wrong';
/** 204 right, 401 with PASSWORD_WRONG: wrong, not active, or locked after too many failures as for a login; 429: too many at once. */
export const checkPassword = contract({
  method: 'post',
  path: '/internal/v1/users/:uuid/check-password',
  ...managers,
  status: 204,
  refusals: [429],
  summary: "Check a user's password",
  source: 'ours',
  params: uuidParam,
  body: z.object({ password: z.string().max(4096) }),
});
export const issuedToken = z.object({
  token: z.string(),
  audit_id: z.string(),
  created: z.string(),
  expires_at: z.string().nullable(),
  read_only: z.boolean().optional(),
});
/**
 * `hex`: 40 hex digits, the form of contract compute §2 A1; `base64url`: 43 characters. `expires_at` null: never. `made_with`: public name of
 * the token or session by which the user asks: the new token has no more rights than that one, ends with it when it is revoked, and lives no
 * longer, unless a password was shown for it. 403 with `reason` token.read_only or credential.restricted: nothing can be made with it;
 * 409: it is over.
 */
export const issueToken = contract({
  method: 'post',
  path: '/internal/v1/users/:uuid/tokens',
  ...managers,
  status: 201,
  refusals: [409],
  summary: 'Issue a named token',
  source: 'ours',
  params: uuidParam,
  body: z.object({
    label: z.string().max(255),
    form: z.enum(['hex', 'base64url']),
    expires_at: instant.nullable(),
    read_only: z.boolean().optional(),
    made_with: z.string().max(64).optional(),
  }),
  response: issuedToken,
});
/** Absent is success. 403 with `reason` user.protected: an administrator's that this component did not make. */
export const revokeToken = contract({
  method: 'delete',
  path: '/internal/v1/tokens/:audit_id',
  ...managers,
  status: 204,
  summary: 'Revoke a token by its public name',
  source: 'ours',
  params: z.object({ audit_id: z.string().max(64) }),
});
/** From now on the token may only read; what was made with it ends. Absent is success; 403 as above. */
export const restrictToken = contract({
  method: 'put',
  path: '/internal/v1/tokens/:audit_id/read-only',
  ...managers,
  status: 204,
  summary: 'Make a token read-only',
  source: 'ours',
  params: z.object({ audit_id: z.string().max(64) }),
});
/**
 * Begins a session that a component keeps for a browser (403 with `reason` terms.pending: the password is right, and terms of use wait to be
 * signed): a token of the kind `session` whose text nobody ever sees, so that whatever ends
 * the user's tokens ends it. 401 and 429 as for check-password.
 */
export const openSession = contract({
  method: 'post',
  path: '/internal/v1/users/:uuid/sessions',
  ...managers,
  status: 201,
  refusals: [429],
  summary: "Begin a session with the user's password",
  source: 'ours',
  params: uuidParam,
  body: z.object({
    password: z.string().max(4096),
    seconds: z
      .int()
      .min(1)
      .max(31 * 24 * 3600),
  }),
  response: z.object({ audit_id: z.string(), expires_at: z.string() }),
});
/**
 * The same for a user whom staff of the component let in, without a password: with the token of `made_with`, which the session ends with when
 * it is revoked. 401 as for check-password: the user may not sign in; 403 with `reason` user.protected, token.read_only,
 * credential.restricted or terms.pending; 404: no such user; 409: what it is made with is over.
 */
export const openTrustedSession = contract({
  method: 'post',
  path: '/internal/v1/users/:uuid/trusted-sessions',
  ...managers,
  status: 201,
  refusals: [409],
  summary: 'Begin a session for a user whom staff let in',
  source: 'ours',
  params: uuidParam,
  body: z.object({
    made_with: z.string().max(64),
    seconds: z
      .int()
      .min(1)
      .max(31 * 24 * 3600),
  }),
  response: z.object({ audit_id: z.string(), expires_at: z.string() }),
});
/** 404: it is over, or its user may not sign in now. */
export const getSession = contract({
  method: 'get',
  path: '/internal/v1/sessions/:audit_id',
  ...managers,
  status: 200,
  summary: 'Whether a session lives',
  source: 'ours',
  params: z.object({ audit_id: z.string().max(64) }),
  response: z.object({ uuid: z.uuid(), username: z.string(), expires_at: z.string() }),
});
/** The user signs out: what was exchanged for the session ends with it, what the user made while signed in stays. Absent is success. */
export const closeSession = contract({
  method: 'delete',
  path: '/internal/v1/sessions/:audit_id',
  ...managers,
  status: 204,
  summary: 'End a session',
  source: 'ours',
  params: z.object({ audit_id: z.string().max(64) }),
});
const userState = z.object({ uuid: z.uuid(), is_active: z.boolean(), changed_at: z.string() });
/**
 * Activates or suspends a user: while suspended nothing works; sign-ins end, named tokens come back with activation. `sequence` rises with every call about a user: one that comes late changes nothing and is answered with
 * what is. 403: an administrator; 404: no such user; 409: a rejected user can not be activated.
 */
export const setUserState = contract({
  method: 'put',
  path: '/internal/v1/users/:uuid/state',
  ...managers,
  status: 200,
  refusals: [409],
  summary: 'Activate or deactivate a user',
  source: 'ours',
  params: uuidParam,
  body: z.object({ is_active: z.boolean(), sequence: z.int().min(1) }),
  response: userState,
});
/** Who is active and who is not, in the order in which that changed; `after` and `after_uuid` are of the last one that was read. */
export const listUserStates = contract({
  method: 'get',
  path: '/internal/v1/user-states',
  ...managers,
  status: 200,
  summary: 'Users by when they were activated or deactivated',
  source: 'ours',
  query: z.object({ after: instant.optional(), after_uuid: z.uuid().optional(), limit: limitParameter(500) }),
  response: z.object({ users: z.array(userState) }),
});
