import { identityInternal, type BodyOf, type Principal, type ResponseOf } from '@nefos/contracts';
import { ApiError } from './api-error.js';
import { createCaller, type CallOptions, type CallerOptions } from './call.js';
import { principalOfV3, saysNoSuchToken } from './v3-token.js';

/** Contract identity §5.3. */
export interface AuthenticatedUser { id: string; displayname: string; uuid: string; email: string[]; name: string; username?: string; groups?: string[]; auth_token_created: string; auth_token_expires: string | null; usage?: unknown[] }
export interface CatalogService { name: string; type: string; endpoints_links: unknown[]; endpoints: ({ publicURL: string; versionId: string; region?: string } & Record<string, string>)[] }
/** Contract identity §5.7; without credentials only the catalog is there. */
export interface Access {
  token?: { id: string; expires: string; tenant: { id: string; name: string } };
  user?: { id: string; name: string; roles: { id: number; name: string }[]; roles_links: unknown[]; projects: string[] };
  serviceCatalog: CatalogService[];
}
export type V2Credentials = ({ token: { id: string } } | { passwordCredentials: { username: string; password: string } }) & { tenantName?: string };
/** Contract identity §5.5: what is not known is left out of the answer. */
export interface UserCatalogs { displayname_catalog: Record<string, string>; uuid_catalog: Record<string, string> }

export interface IdentityClientOptions extends Omit<CallerOptions, 'token' | 'scheme'> {
  /** The component's own token: needed to check other people's tokens and for everything under /internal. */
  serviceToken?: string | undefined;
}
/** Header values that HTTP can carry; anything else can not be a token. */
const CARRIABLE = /^[\x21-\x7e]{1,4096}$/;

/** Calls identity, directly or through the gateway. Every function throws ApiError. */
export const createIdentityClient = ({ serviceToken, ...options }: IdentityClientOptions) => {
  const call = createCaller({ ...options, token: serviceToken });
  const internal = <C extends { method: 'put' | 'post' | 'delete'; path: string }>(contract: C, params: Record<string, string>, body: BodyOf<C>, more: CallOptions): Promise<{ body: ResponseOf<C> }> =>
    call<ResponseOf<C>>({ method: contract.method, path: contract.path, params, body, ...more });
  return {
    close: call.close,
    /** Whose token this is; null when it is unknown, expired or revoked (contract identity §12.4). */
    validateToken: async (subject: string, more: CallOptions = {}): Promise<Principal | null> => {
      if (!CARRIABLE.test(subject)) return null;
      try {
        const { body } = await call({ method: 'get', path: '/identity/v3/auth/tokens', query: { nocatalog: '' }, headers: { 'X-Subject-Token': subject }, ...more });
        return principalOfV3(body);
      } catch (err) {
        if (saysNoSuchToken(err)) return null;
        throw err;
      }
    },
    /** Makes a user that can not sign in yet. 409: the e-mail belongs to a verified user. */
    putUser: async (uuid: string, user: BodyOf<typeof identityInternal.putUser>, more: CallOptions = {}) => (await internal(identityInternal.putUser, { uuid }, user, more)).body,
    activateUser: async (uuid: string, more: CallOptions = {}): Promise<void> => { await call({ method: 'post', path: identityInternal.activateUser.path, params: { uuid }, repeatable: true, ...more }); },
    deleteUser: async (uuid: string, more: CallOptions = {}): Promise<void> => { await internal(identityInternal.deleteUser, { uuid }, undefined, more); },
    /** Whether the password is right and the user may sign in. Too many tries: ApiError 429 with `retryAfter`. */
    checkPassword: async (uuid: string, password: string, more: CallOptions = {}): Promise<boolean> => {
      try { await internal(identityInternal.checkPassword, { uuid }, { password }, more); return true; } catch (err) {
        if (err instanceof ApiError && err.status === 401) return false;
        throw err;
      }
    },
    issueToken: async (uuid: string, wanted: BodyOf<typeof identityInternal.issueToken>, more: CallOptions = {}) => (await internal(identityInternal.issueToken, { uuid }, wanted, more)).body,
    revokeToken: async (auditId: string, more: CallOptions = {}): Promise<void> => { await internal(identityInternal.revokeToken, { audit_id: auditId }, undefined, more); },
    /** The owner of a user token (contract identity §5.3). */
    authenticate: async (token: string, { usage, ...more }: CallOptions & { usage?: boolean } = {}) =>
      (await call<AuthenticatedUser>({ method: 'get', path: '/account/v1.0/authenticate', query: usage ? { usage: '1' } : {}, ...more, token })).body,
    /** Token, user and catalog; without credentials the catalog alone (contract identity §5.7). */
    tokens: async (auth?: V2Credentials, more: CallOptions = {}) =>
      (await call<{ access: Access }>({ method: 'post', path: '/identity/v2.0/tokens', body: auth && { auth }, repeatable: true, ...more })).body.access,
    getServices: async (more: CallOptions = {}) => (await call<unknown[]>({ method: 'get', path: '/ui/get_services', ...more })).body,
    /** Names and uuids of users, asked by a user (contract identity §5.5). */
    userCatalogs: async (token: string, wanted: { uuids?: string[]; displaynames?: string[] }, more: CallOptions = {}) =>
      (await call<UserCatalogs>({ method: 'post', path: '/account/v1.0/user_catalogs', body: wanted, repeatable: true, ...more, token })).body,
    /** The same, asked by a component; null: everybody (contract identity §5.6). */
    serviceUserCatalogs: async (wanted: { uuids?: string[] | null; displaynames?: string[] | null }, more: CallOptions = {}) =>
      (await call<UserCatalogs>({ method: 'post', path: '/account/v1.0/service/user_catalogs', body: wanted, repeatable: true, ...more })).body,
  };
};
export type IdentityClient = ReturnType<typeof createIdentityClient>;
