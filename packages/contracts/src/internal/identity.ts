import { z } from 'zod';
import { boundedArray } from '../bounded.js';
import { contract } from '../endpoint.js';
import { instant } from '../instant.js';
import { limitParameter, writtenNumber } from '../whole-number.js';

/**
 * Endpoints of identity for the other services of Nefos, called with their service token. The gateway does not route
 * them. A refusal is `{"error": {code, title, message, reason}}`; programs read `reason`.
 */
const uuidParam = z.object({ uuid: z.uuid() });
const auditParam = z.object({ audit_id: z.string().max(64) });
const sessionSeconds = z
  .int()
  .min(1)
  .max(31 * 24 * 3600);
const openedSession = z.object({ audit_id: z.string(), expires_at: z.string() });
const managers = { access: 'service', components: 'users.manage' } as const;

/**
 * Creates a user who can not sign in yet. Repeating the call changes nothing. An unverified user with the same e-mail
 * address is replaced (contract identity §8.1). 409: a verified user has this address.
 */
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
/** Verifies, accepts and activates a user. Idempotent. */
export const activateUser = contract({
  method: 'post',
  path: '/internal/v1/users/:uuid/activate',
  ...managers,
  status: 204,
  summary: 'Verify, accept and activate a user',
  source: 'ours',
  params: uuidParam,
});
/**
 * Deletes the user and all tokens. An absent user is success. 403 with `reason` user.protected: the user is an
 * administrator now.
 */
export const deleteUser = contract({
  method: 'delete',
  path: '/internal/v1/users/:uuid',
  ...managers,
  status: 204,
  summary: 'Remove a user made by this component',
  source: 'ours',
  params: uuidParam,
});
/** `reason` of a 403: the user must first accept the terms of use, at /ui/approval_terms. */
export const TERMS_PENDING = 'terms.pending';
/** `reason` of a 401 about the password of the user; any other 401 is about the token of the caller. */
export const PASSWORD_WRONG = 'credentials.wrong';
/**
 * 204: the password is right. 401 with PASSWORD_WRONG: it is wrong, the user is not active, or signing in is locked
 * after too many failures. 429: too many checks at the same time.
 */
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
 * `form`: `hex` is 40 hex digits (contract compute §2 A1), `base64url` is 43 characters. `expires_at` null: no expiry.
 *
 * `made_with` is the public name of the token or session with which the user asks. The new token has no more rights
 * than that one, is revoked with it, and expires no later, unless a password was shown for it.
 *
 * 403 with `reason` token.read_only or credential.restricted: nothing can be created with it. 409: it has ended.
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
/**
 * An absent token is success. 403 with `reason` user.protected: the token of an administrator whom this component did
 * not create.
 */
export const revokeToken = contract({
  method: 'delete',
  path: '/internal/v1/tokens/:audit_id',
  ...managers,
  status: 204,
  summary: 'Revoke a token by its public name',
  source: 'ours',
  params: auditParam,
});
/** Makes a token read-only and revokes what was created with it. An absent token is success; 403 as for revokeToken. */
export const restrictToken = contract({
  method: 'put',
  path: '/internal/v1/tokens/:audit_id/read-only',
  ...managers,
  status: 204,
  summary: 'Make a token read-only',
  source: 'ours',
  params: auditParam,
});
/**
 * Begins a session that a component keeps for a browser: a token of the kind `session` whose text nobody gets, so that
 * everything that revokes the tokens of the user ends the session. 401 and 429 as for checkPassword. 403 with `reason`
 * terms.pending: the password is right, and the user must accept the terms of use.
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
  body: z.object({ password: z.string().max(4096), seconds: sessionSeconds }),
  response: openedSession,
});
/**
 * Begins a session without a password, for a user whom staff of the component let in. It is made with the token of
 * `made_with` and ends when that one is revoked. 401 as for checkPassword: the user may not sign in. 403 with `reason`
 * user.protected, token.read_only, credential.restricted or terms.pending. 404: no such user. 409: the token of
 * `made_with` has ended.
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
  body: z.object({ made_with: z.string().max(64), seconds: sessionSeconds }),
  response: openedSession,
});
/** 404: the session has ended, or its user may not sign in now. */
export const getSession = contract({
  method: 'get',
  path: '/internal/v1/sessions/:audit_id',
  ...managers,
  status: 200,
  summary: 'Whether a session lives',
  source: 'ours',
  params: auditParam,
  response: z.object({ uuid: z.uuid(), username: z.string(), expires_at: z.string() }),
});
/**
 * Ends a session: tokens that were exchanged for it are revoked, tokens that the user created while signed in stay. An
 * absent session is success.
 */
export const closeSession = contract({
  method: 'delete',
  path: '/internal/v1/sessions/:audit_id',
  ...managers,
  status: 204,
  summary: 'End a session',
  source: 'ours',
  params: auditParam,
});
const userState = z.object({ uuid: z.uuid(), is_active: z.boolean(), changed_at: z.string() });
/**
 * Activates or suspends a user. While suspended, no credential works: sessions end, named tokens work again after
 * activation. `sequence` rises with every call about a user; a call that arrives late changes nothing and is answered
 * with the current state. 403: an administrator. 404: no such user. 409: a rejected user can not be activated.
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
/**
 * Lists the states of users in the order of their changes. `after` and `after_uuid` are those of the last entry that
 * was read.
 */
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

/** Not `uuid`: a component makes ids of 128 random bits, which bear no version. */
const projectParam = z.object({ uuid: z.guid().lowercase() });
/** The highest number of a change: 15 digits, as long as written numbers are. */
const MOST_CHANGES = 999_999_999_999_999;
/**
 * Makes a project of the component, or changes it: what is told is its whole state. Members may scope tokens to it,
 * with the roles `member` and `reader`. Who is no member any more loses the tokens and application credentials of the
 * project at once; when it is disabled all its tokens end. A call whose `sequence` is not above the last one changes
 * nothing. Members whom identity does not know (yet) are kept. 403 with `reason` project.foreign: not a project of this
 * component. 409: another project has the name.
 */
export const putProject = contract({
  method: 'put',
  path: '/internal/v1/projects/:uuid',
  ...managers,
  status: 204,
  refusals: [409],
  summary: 'Make or change a project of a component',
  source: 'ours; contract identity §12.5',
  params: projectParam,
  body: z.object({
    name: z.string().min(1).max(400),
    description: z.string().max(1000),
    enabled: z.boolean(),
    members: boundedArray(z.guid().lowercase(), 1000),
    sequence: z.int().min(1).max(MOST_CHANGES),
  }),
});
/**
 * Ends a project with its tokens and application credentials. An absent one is success, and stays absent for changes
 * with a lower `sequence` that arrive later. 403 as for putProject.
 */
export const deleteProject = contract({
  method: 'delete',
  path: '/internal/v1/projects/:uuid',
  ...managers,
  status: 204,
  summary: 'End a project of a component',
  source: 'ours; contract identity §12.5',
  params: projectParam,
  query: z.object({ sequence: writtenNumber({ min: 1, most: MOST_CHANGES }) }),
});
