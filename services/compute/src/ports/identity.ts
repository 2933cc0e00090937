import { randomBytes, randomUUID } from 'node:crypto';
import { ApiError, createIdentityClient } from '@nefos/client';
import { identityInternal, type Principal } from '@nefos/contracts';
import { Fault, unavailable, type Log } from '@nefos/service-kit';
import { createTrust, type Trust } from './trust.js';

export interface NewIdentity {
  uuid: string;
  email: string;
  firstName: string;
  lastName: string;
  password?: string | undefined;
  /** Terms of use do not bind staff. */ staff?: boolean | undefined;
}
export interface IssuedToken {
  token: string;
  auditId: string;
  createdAt: string;
  expiresAt: string | null;
  /** Whether identity knows that it may only read. */
  readOnly: boolean;
}
export interface WantedToken {
  label: string;
  expiresAt: string | null;
  readOnly: boolean;
  /** Public name of the token or session by which it is asked for. */
  madeWith: string | undefined;
}
export interface UserState {
  uuid: string;
  is_active: boolean;
  changed_at: string;
}

/** Users and tokens are identity's; the portal only points at them. Every call may be repeated. Identity silent: Fault unavailable. */
export interface IdentityPort {
  /** Whose a token is; null: nobody's. */
  validate(token: string, options: { signal?: AbortSignal }): Promise<Principal | null>;
  /** Makes a user that can not sign in yet. @throws Fault conflict/identity.conflict when a verified user has the e-mail; invalid/identity.refused */
  putUser(user: NewIdentity): Promise<void>;
  activateUser(uuid: string): Promise<void>;
  /** Absent is success. */
  deleteUser(uuid: string): Promise<void>;
  /** @throws Fault too_many when the user has failed too often */
  checkPassword(uuid: string, password: string): Promise<boolean>;
  /** A token of 40 hex digits. @throws Fault not_found, conflict when the user or what is asked with is over; forbidden when that may not */
  issueToken(uuid: string, wanted: WantedToken): Promise<IssuedToken>;
  /** From now on it may only read. Absent is success. */
  restrictToken(auditId: string): Promise<void>;
  /** Begins a session at identity; null when the password is wrong or the user may not sign in. @throws Fault too_many; conflict/identity.terms_pending */
  openSession(uuid: string, password: string, seconds: number): Promise<{ auditId: string } | null>;
  /** The same for a user whom staff let in with this token or session. @throws Fault not_found, forbidden, conflict: not this user, or not with it */
  openTrustedSession(uuid: string, madeWith: string, seconds: number): Promise<{ auditId: string } | null>;
  /** Whose session it is; null: it is over. */
  validateSession(auditId: string, options: { signal?: AbortSignal }): Promise<Principal | null>;
  /** Absent is success. */
  closeSession(auditId: string): Promise<void>;
  /** @returns since when it is so. @throws Fault forbidden for an administrator there; conflict for a rejected user; not_found */
  setUserState(uuid: string, active: boolean, sequence: number): Promise<UserState>;
  /** A page of users in the order in which their states changed. */
  userStates(query: { after?: string; after_uuid?: string; limit: number }): Promise<UserState[]>;
  /** Absent is success. */
  revokeToken(auditId: string): Promise<void>;
  /** Whether it answers, for readiness. */
  ready(): Promise<boolean>;
  close(): void;
}

/** A 403 that is about what is asked; any other is about this component. */
const REFUSALS = new Set<unknown>(['user.protected', 'token.read_only', 'credential.restricted']);
const reasonOf = (err: ApiError): unknown => (err.body as { error?: { reason?: unknown } } | null)?.error?.reason;
/** Identity's refusals by what they mean here; what is neither success nor a known refusal is "not now". */
const meaning = (err: unknown, trust: Trust): unknown => {
  if (!(err instanceof ApiError)) return err;
  if (trust.refused(err)) return unavailable('identity_unavailable', { told: true }, err);
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
/** Identity over HTTP, spoken to with this component's token. */
export const realIdentity = ({
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
  const heard = async <T>(call: Promise<T>): Promise<T> => {
    try {
      const answer = await call;
      trust.granted();
      return answer;
    } catch (err) {
      throw meaning(err, trust);
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
      await heard(client.putUser(uuid, user));
    },
    activateUser: (uuid) => heard(client.activateUser(uuid)),
    deleteUser: (uuid) => heard(client.deleteUser(uuid)),
    checkPassword: (uuid, password) => heard(client.checkPassword(uuid, password)),
    issueToken: async (uuid, { label, expiresAt, readOnly, madeWith }) => {
      const wanted = {
        label,
        form: 'hex' as const,
        expires_at: expiresAt,
        read_only: readOnly,
        ...(madeWith !== undefined && { made_with: madeWith }),
      };
      const made = await heard(client.issueToken(uuid, wanted));
      return {
        token: made.token,
        auditId: made.audit_id,
        createdAt: made.created,
        expiresAt: made.expires_at,
        readOnly: made.read_only === true,
      };
    },
    restrictToken: (auditId) => heard(client.restrictToken(auditId)),
    openSession: async (uuid, password, seconds) => {
      const opened = await heard(client.openSession(uuid, { password, seconds }));
      return opened && { auditId: opened.audit_id };
    },
    openTrustedSession: async (uuid, madeWith, seconds) => {
      const opened = await heard(client.openTrustedSession(uuid, { made_with: madeWith, seconds }));
      return opened && { auditId: opened.audit_id };
    },
    validateSession: (auditId, options) => client.validateSession(auditId, options),
    closeSession: (auditId) => heard(client.closeSession(auditId)),
    setUserState: (uuid, active, sequence) => heard(client.setUserState(uuid, { is_active: active, sequence })),
    userStates: (query) => heard(client.userStates(query)),
    revokeToken: (auditId) => heard(client.revokeToken(auditId)),
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

export interface FakeIdentity extends IdentityPort {
  users: Map<string, NewIdentity & { active: boolean }>;
  tokens: Map<string, Principal>;
  /** Whose they are, by public name. */
  sessions: Map<string, string>;
  states: UserState[];
  down: boolean;
  calls: string[];
}
/** Identity in memory; `down` makes it silent. Its tokens verify through the same map. */
export const fakeIdentity = (): FakeIdentity => {
  const users: FakeIdentity['users'] = new Map();
  const tokens: FakeIdentity['tokens'] = new Map();
  const signOut = (uuid: string): void => {
    for (const [auditId, one] of self.sessions) if (one === uuid) self.sessions.delete(auditId);
  };
  const self: FakeIdentity = {
    users,
    tokens,
    sessions: new Map(),
    states: [],
    down: false,
    calls: [],
    validate: async (token) => {
      if (self.down) throw new Error('identity is silent');
      const found = tokens.get(token);
      return found && users.get(found.uuid)?.active !== false ? found : null;
    },
    putUser: async (user) => {
      call('putUser');
      for (const other of users.values())
        if (other.active && other.uuid !== user.uuid && other.email === user.email)
          throw new Fault('conflict', 'identity.conflict');
      for (const other of users.values())
        if (!other.active && other.uuid !== user.uuid && other.email === user.email) users.delete(other.uuid);
      if (!users.has(user.uuid)) users.set(user.uuid, { ...user, active: false });
    },
    activateUser: async (uuid) => {
      call('activateUser');
      const user = users.get(uuid);
      if (!user) throw new Fault('not_found', 'identity.no_user');
      user.active = true;
    },
    deleteUser: async (uuid) => {
      call('deleteUser');
      users.delete(uuid);
      for (const [token, one] of tokens) if (one.uuid === uuid) tokens.delete(token);
      signOut(uuid);
    },
    checkPassword: async (uuid, password) => {
      call('checkPassword');
      const user = users.get(uuid);
      return Boolean(user?.active && user.password === password);
    },
    openSession: async (uuid, password) => {
      call('openSession');
      const user = users.get(uuid);
      if (!user?.active || user.password !== password) return null;
      const auditId = randomUUID();
      self.sessions.set(auditId, uuid);
      return { auditId };
    },
    openTrustedSession: async (uuid, madeWith) => {
      call('openTrustedSession');
      if (!users.has(uuid)) throw new Fault('not_found', 'identity.no_user');
      if (![...tokens.values()].some((one) => one.auditId === madeWith))
        throw new Fault('conflict', 'identity.conflict');
      if (!users.get(uuid)?.active) return null;
      const auditId = randomUUID();
      self.sessions.set(auditId, uuid);
      return { auditId };
    },
    validateSession: async (auditId) => {
      if (self.down) throw new Error('identity is silent');
      const uuid = self.sessions.get(auditId);
      return uuid === undefined ? null : { kind: 'user', uuid, displayName: '', roles: [], auditId, via: 'session' };
    },
    closeSession: async (auditId) => {
      call('closeSession');
      self.sessions.delete(auditId);
    },
    setUserState: async (uuid, active) => {
      call('setUserState');
      const user = users.get(uuid);
      if (!user) throw new Fault('not_found', 'identity.no_user');
      user.active = active;
      if (!active) signOut(uuid);
      const state = { uuid, is_active: active, changed_at: new Date().toISOString() };
      self.states.push(state);
      return state;
    },
    userStates: async () => {
      call('userStates');
      return self.states;
    },
    restrictToken: async (auditId) => {
      call('restrictToken');
      for (const [token, one] of tokens) if (one.auditId === auditId) tokens.set(token, { ...one, readOnly: true });
    },
    issueToken: async (uuid, { label, expiresAt, readOnly }) => {
      call('issueToken');
      if (!users.get(uuid)?.active) throw new Fault('not_found', 'identity.no_user');
      const token = randomBytes(20).toString('hex');
      const auditId = randomUUID();
      tokens.set(token, {
        kind: 'user',
        uuid,
        displayName: label,
        roles: [],
        auditId,
        via: 'token',
        ...(readOnly && { readOnly }),
      });
      return { token, auditId, createdAt: new Date().toISOString(), expiresAt, readOnly };
    },
    revokeToken: async (auditId) => {
      call('revokeToken');
      for (const [token, one] of tokens) if (one.auditId === auditId) tokens.delete(token);
    },
    ready: async () => !self.down,
    close: () => undefined,
  };
  const call = (name: string): void => {
    self.calls.push(name);
    if (self.down) throw unavailable('identity_unavailable');
  };
  return self;
};
