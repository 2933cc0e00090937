import {
  identity,
  identityInternal,
  type BodyOf,
  type Contract,
  type Principal,
  type ResponseOf,
} from '@nefos/contracts';
import { ApiError } from './api-error.js';
import { createCaller, type Call, type CallOptions, type CallerOptions } from './call.js';
import { principalOfV3, saysNoSuchToken } from './v3-token.js';

export type AuthenticatedUser = ResponseOf<typeof identity.authenticate>;
/** Contract identity §5.7; without credentials only the catalog is there. */
export type Access = ResponseOf<typeof identity.postTokens>['access'];
export type V2Credentials = (
  { token: { id: string } } | { passwordCredentials: { username: string; password: string } }
) & { tenantName?: string };
/** Contract identity §5.5: what is not known is left out of the answer. */
export type UserCatalogs = ResponseOf<typeof identity.getUserCatalogs>;
export type CloudService = ResponseOf<typeof identity.getServices>[number];
export type NewUser = BodyOf<typeof identityInternal.putUser>;
export type WantedToken = BodyOf<typeof identityInternal.issueToken>;
export type IssuedToken = ResponseOf<typeof identityInternal.issueToken>;
export type OpenedSession = ResponseOf<typeof identityInternal.openSession>;
export type UserState = ResponseOf<typeof identityInternal.setUserState>;

export interface IdentityClientOptions extends Omit<CallerOptions, 'token' | 'scheme'> {
  /** The component's own token: needed to check other people's tokens and for everything under /internal. */
  serviceToken?: string | undefined;
}
/** Header values that HTTP can carry; anything else can not be a token. */
const CARRIABLE = /^[\x21-\x7e]{1,4096}$/;
/** Whether a 401 judges the user's password and not the caller's token. */
const passwordWrong = (err: unknown): boolean =>
  err instanceof ApiError &&
  err.status === 401 &&
  (err.body as { error?: { reason?: unknown } } | null)?.error?.reason === identityInternal.PASSWORD_WRONG;

/** Calls identity, directly or through the gateway. Every function throws ApiError. */
export const createIdentityClient = ({ serviceToken, ...options }: IdentityClientOptions) => {
  const wire = createCaller({ ...options, token: serviceToken });
  const call = async <C extends Contract>(
    { method, path }: C,
    more: Omit<Call, 'method' | 'path'>,
  ): Promise<ResponseOf<C>> => (await wire<ResponseOf<C>>({ method, path, ...more })).body;
  return {
    close: wire.close,
    /** Whose token this is; null when it is unknown, expired or revoked (contract identity §12.4). */
    validateToken: async (subject: string, more: CallOptions = {}): Promise<Principal | null> => {
      if (!CARRIABLE.test(subject)) return null;
      try {
        return principalOfV3(
          await call(identity.getV3Token, {
            query: { nocatalog: '' },
            headers: { 'X-Subject-Token': subject },
            ...more,
          }),
        );
      } catch (err) {
        if (saysNoSuchToken(err)) return null;
        throw err;
      }
    },
    /** Makes a user that can not sign in yet. 409: the e-mail belongs to a verified user. */
    putUser: (uuid: string, user: NewUser, more: CallOptions = {}) =>
      call(identityInternal.putUser, { params: { uuid }, body: user, ...more }),
    activateUser: async (uuid: string, more: CallOptions = {}): Promise<void> => {
      await call(identityInternal.activateUser, { params: { uuid }, repeatable: true, ...more });
    },
    deleteUser: async (uuid: string, more: CallOptions = {}): Promise<void> => {
      await call(identityInternal.deleteUser, { params: { uuid }, ...more });
    },
    /**
     * Whether the password is right and the user may sign in. Too many tries at once: ApiError 429 with `retryAfter`;
     * a refused service token: ApiError 401.
     */
    checkPassword: async (uuid: string, password: string, more: CallOptions = {}): Promise<boolean> => {
      try {
        await call(identityInternal.checkPassword, { params: { uuid }, body: { password }, ...more });
        return true;
      } catch (err) {
        if (passwordWrong(err)) return false;
        throw err;
      }
    },
    issueToken: (uuid: string, wanted: WantedToken, more: CallOptions = {}): Promise<IssuedToken> =>
      call(identityInternal.issueToken, { params: { uuid }, body: wanted, ...more }),
    revokeToken: async (auditId: string, more: CallOptions = {}): Promise<void> => {
      await call(identityInternal.revokeToken, { params: { audit_id: auditId }, ...more });
    },
    /** Makes a token read-only; what was made with it ends. */
    restrictToken: async (auditId: string, more: CallOptions = {}): Promise<void> => {
      await call(identityInternal.restrictToken, { params: { audit_id: auditId }, ...more });
    },
    /** Begins a session; null when the password is wrong or the user may not sign in. Too many tries: ApiError 429. */
    openSession: async (
      uuid: string,
      wanted: BodyOf<typeof identityInternal.openSession>,
      more: CallOptions = {},
    ): Promise<OpenedSession | null> => {
      try {
        return await call(identityInternal.openSession, { params: { uuid }, body: wanted, ...more });
      } catch (err) {
        if (passwordWrong(err)) return null;
        throw err;
      }
    },
    /**
     * Begins a session for a user whom staff let in; null when the user may not sign in. ApiError 403, 404, 409: not
     * this user, or not with this token.
     */
    openTrustedSession: async (
      uuid: string,
      wanted: BodyOf<typeof identityInternal.openTrustedSession>,
      more: CallOptions = {},
    ): Promise<OpenedSession | null> => {
      try {
        return await call(identityInternal.openTrustedSession, { params: { uuid }, body: wanted, ...more });
      } catch (err) {
        if (passwordWrong(err)) return null;
        throw err;
      }
    },
    /** Whose session this is; null when it is over. */
    validateSession: async (auditId: string, more: CallOptions = {}): Promise<Principal | null> => {
      try {
        const found = await call(identityInternal.getSession, { params: { audit_id: auditId }, ...more });
        return {
          kind: 'user',
          uuid: found.uuid,
          displayName: found.username,
          roles: [],
          auditId,
          tokenExpires: found.expires_at,
          via: 'session',
        };
      } catch (err) {
        if (saysNoSuchToken(err)) return null;
        throw err;
      }
    },
    closeSession: async (auditId: string, more: CallOptions = {}): Promise<void> => {
      await call(identityInternal.closeSession, { params: { audit_id: auditId }, ...more });
    },
    /** Activates or deactivates a user. ApiError 403: an administrator; 404: unknown; 409: rejected. */
    setUserState: (
      uuid: string,
      state: BodyOf<typeof identityInternal.setUserState>,
      more: CallOptions = {},
    ): Promise<UserState> => call(identityInternal.setUserState, { params: { uuid }, body: state, ...more }),
    /** Makes or changes a project of this component. ApiError 403: not of this component; 409: the name is taken. */
    putProject: async (
      uuid: string,
      project: BodyOf<typeof identityInternal.putProject>,
      more: CallOptions = {},
    ): Promise<void> => {
      await call(identityInternal.putProject, { params: { uuid }, body: project, ...more });
    },
    deleteProject: async (uuid: string, sequence: number, more: CallOptions = {}): Promise<void> => {
      await call(identityInternal.deleteProject, { params: { uuid }, query: { sequence }, ...more });
    },
    userStates: async (
      query: { after?: string; after_uuid?: string; limit?: number },
      more: CallOptions = {},
    ): Promise<UserState[]> => (await call(identityInternal.listUserStates, { query, ...more })).users,
    /** The owner of a user token (contract identity §5.3). */
    authenticate: (
      token: string,
      { usage, ...more }: CallOptions & { usage?: boolean } = {},
    ): Promise<AuthenticatedUser> =>
      call(identity.authenticate, { query: usage ? { usage: '1' } : {}, ...more, token }),
    /** Token, user and catalog; without credentials the catalog alone (contract identity §5.7). */
    tokens: async (auth?: V2Credentials, more: CallOptions = {}): Promise<Access> =>
      (await call(identity.postTokens, { body: auth && { auth }, repeatable: true, ...more })).access,
    getServices: (more: CallOptions = {}): Promise<CloudService[]> => call(identity.getServices, more),
    /** Names and uuids of users, asked by a user (contract identity §5.5). */
    userCatalogs: (
      token: string,
      wanted: { uuids?: string[]; displaynames?: string[] },
      more: CallOptions = {},
    ): Promise<UserCatalogs> => call(identity.getUserCatalogs, { body: wanted, repeatable: true, ...more, token }),
    /** The same, asked by a component; null: everybody (contract identity §5.6). */
    serviceUserCatalogs: (
      wanted: { uuids?: string[] | null; displaynames?: string[] | null },
      more: CallOptions = {},
    ): Promise<UserCatalogs> => call(identity.getServiceUserCatalogs, { body: wanted, repeatable: true, ...more }),
  };
};
export type IdentityClient = ReturnType<typeof createIdentityClient>;
