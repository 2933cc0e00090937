import { ApiError, createIdentityClient } from '@nefos/client';
import { identityInternal } from '@nefos/contracts';
import { Fault, unavailable, type Log } from '@nefos/service-kit';
import type { IdentityPort, UserState } from './identity.js';
import { createTrust, type Trust } from './trust.js';

type WireState = Awaited<ReturnType<ReturnType<typeof createIdentityClient>['setUserState']>>;
/** Reasons of a 403 that concern the request; any other concerns this component's rights. */
const REFUSALS = new Set<unknown>(['user.protected', 'token.read_only', 'credential.restricted', 'project.foreign']);
const reasonOf = (err: ApiError): unknown => (err.body as { error?: { reason?: unknown } } | null)?.error?.reason;
/** Identity's answer as a fault of this service; what is neither success nor a known refusal is `unavailable`. */
const asFault = (err: unknown, trust: Trust): unknown => {
  if (!(err instanceof ApiError)) return err;
  if (trust.refused(err)) return unavailable('identity_unavailable', { logged: true }, err);
  if (err.status === 400 || err.status === 422) return new Fault('invalid', 'identity.refused', {}, { cause: err });
  if (err.status === 403 && REFUSALS.has(reasonOf(err)))
    return new Fault('forbidden', 'permission_denied', {}, { cause: err });
  if (err.status === 403 && reasonOf(err) === identityInternal.TERMS_PENDING)
    return new Fault('conflict', 'identity.terms_pending', {}, { cause: err });
  if (err.status === 404) return new Fault('not_found', 'identity.no_user', {}, { cause: err });
  if (err.status === 409) return new Fault('conflict', 'identity.conflict', {}, { cause: err });
  if (err.status === 429)
    return new Fault('too_many', 'throttled', { retryAfter: err.retryAfter ?? 1 }, { cause: err });
  return unavailable('identity_unavailable', { retryAfter: err.retryAfter ?? 1 }, err);
};
const stateOf = ({ uuid, is_active: isActive, changed_at: changedAt }: WireState): UserState => ({
  uuid,
  isActive,
  changedAt,
});
/** Identity over HTTP, with this component's token. */
export const identityOverHttp = ({
  url,
  serviceToken,
  log,
}: {
  url: string;
  serviceToken: string;
  log: Log;
}): IdentityPort => {
  const client = createIdentityClient({ baseURL: url, serviceToken });
  const trust = createTrust('identity', 'users.manage', log);
  const call = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      const result = await answer;
      trust.granted();
      return result;
    } catch (err) {
      throw asFault(err, trust);
    }
  };
  return {
    validate: (token, options) => client.validateToken(token, options),
    putUser: async ({ uuid, email, firstName, lastName, password, staff }) => {
      const user = {
        email,
        first_name: firstName,
        last_name: lastName,
        ...(password !== undefined && { password }),
        ...(staff && { staff }),
      };
      await call(client.putUser(uuid, user));
    },
    activateUser: (uuid) => call(client.activateUser(uuid)),
    deleteUser: (uuid) => call(client.deleteUser(uuid)),
    checkPassword: (uuid, password) => call(client.checkPassword(uuid, password)),
    issueToken: async (uuid, { label, expiresAt, readOnly, madeWith }) => {
      const wanted = {
        label,
        form: 'hex' as const,
        expires_at: expiresAt,
        read_only: readOnly,
        ...(madeWith !== undefined && { made_with: madeWith }),
      };
      const made = await call(client.issueToken(uuid, wanted));
      return {
        token: made.token,
        auditId: made.audit_id,
        createdAt: made.created,
        expiresAt: made.expires_at,
        readOnly: made.read_only === true,
      };
    },
    restrictToken: (auditId) => call(client.restrictToken(auditId)),
    openSession: async (uuid, password, seconds) => {
      const opened = await call(client.openSession(uuid, { password, seconds }));
      return opened && { auditId: opened.audit_id };
    },
    openTrustedSession: async (uuid, madeWith, seconds) => {
      const opened = await call(client.openTrustedSession(uuid, { made_with: madeWith, seconds }));
      return opened && { auditId: opened.audit_id };
    },
    validateSession: (auditId, options) => client.validateSession(auditId, options),
    closeSession: (auditId) => call(client.closeSession(auditId)),
    setUserState: async (uuid, active, sequence) =>
      stateOf(await call(client.setUserState(uuid, { is_active: active, sequence }))),
    userStates: async ({ afterUuid, ...query }) =>
      (await call(client.userStates({ ...query, ...(afterUuid !== undefined && { after_uuid: afterUuid }) }))).map(
        stateOf,
      ),
    putProject: (uuid, project) => call(client.putProject(uuid, project)),
    deleteProject: (uuid, sequence) => call(client.deleteProject(uuid, sequence)),
    revokeToken: (auditId) => call(client.revokeToken(auditId)),
    ready: async () => {
      try {
        return (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) })).ok;
      } catch {
        return false;
      }
    },
    close: () => client.close(),
  };
};
