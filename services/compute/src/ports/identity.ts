import { randomBytes, randomUUID } from 'node:crypto';
import { ApiError, createIdentityClient } from '@nefos/client';
import type { Principal } from '@nefos/contracts';
import { Fault, unavailable } from '@nefos/service-kit';

export interface NewIdentity {
  uuid: string;
  email: string;
  firstName: string;
  lastName: string;
  password?: string | undefined;
}
export interface IssuedToken {
  token: string;
  auditId: string;
  createdAt: string;
  expiresAt: string | null;
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
  /** A token of 40 hex digits. @throws Fault not_found when identity has no such live user */
  issueToken(uuid: string, label: string, expiresAt: string | null): Promise<IssuedToken>;
  /** Absent is success. */
  revokeToken(auditId: string): Promise<void>;
  /** Whether it answers, for readiness. */
  ready(): Promise<boolean>;
  close(): void;
}

/** Identity's refusals by what they mean here; what is neither success nor a known refusal is "not now". */
const meaning = (err: unknown): unknown => {
  if (!(err instanceof ApiError)) return err;
  if (err.status === 400 || err.status === 422) return new Fault('invalid', 'identity.refused', {}, { cause: err });
  if (err.status === 404) return new Fault('not_found', 'identity.no_user', {}, { cause: err });
  if (err.status === 409) return new Fault('conflict', 'identity.conflict', {}, { cause: err });
  if (err.status === 429) return new Fault('too_many', 'throttled', { retryAfter: err.retryAfter ?? 1 }, { cause: err });
  return unavailable('identity_unavailable', { retryAfter: err.retryAfter ?? 1 }, err);
};
const heard = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (err) {
    throw meaning(err);
  }
};

/** Identity over HTTP, spoken to with this component's token. */
export const realIdentity = ({ url, serviceToken }: { url: string; serviceToken: string }): IdentityPort => {
  const client = createIdentityClient({ baseURL: url, serviceToken });
  return {
    validate: (token, options) => client.validateToken(token, options),
    putUser: async ({ uuid, email, firstName, lastName, password }) => {
      await heard(client.putUser(uuid, { email, first_name: firstName, last_name: lastName, ...(password !== undefined && { password }) }));
    },
    activateUser: (uuid) => heard(client.activateUser(uuid)),
    deleteUser: (uuid) => heard(client.deleteUser(uuid)),
    checkPassword: (uuid, password) => heard(client.checkPassword(uuid, password)),
    issueToken: async (uuid, label, expiresAt) => {
      const made = await heard(client.issueToken(uuid, { label, form: 'hex', expires_at: expiresAt }));
      return { token: made.token, auditId: made.audit_id, createdAt: made.created, expiresAt: made.expires_at };
    },
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
  down: boolean;
  calls: string[];
}
/** Identity in memory; `down` makes it silent. Its tokens verify through the same map. */
export const fakeIdentity = (): FakeIdentity => {
  const users: FakeIdentity['users'] = new Map();
  const tokens: FakeIdentity['tokens'] = new Map();
  const self: FakeIdentity = {
    users,
    tokens,
    down: false,
    calls: [],
    validate: async (token) => {
      if (self.down) throw new Error('identity is silent');
      return tokens.get(token) ?? null;
    },
    putUser: async (user) => {
      call('putUser');
      for (const other of users.values())
        if (other.active && other.uuid !== user.uuid && other.email === user.email) throw new Fault('conflict', 'identity.conflict');
      for (const other of users.values()) if (!other.active && other.uuid !== user.uuid && other.email === user.email) users.delete(other.uuid);
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
    },
    checkPassword: async (uuid, password) => {
      call('checkPassword');
      const user = users.get(uuid);
      return Boolean(user?.active && user.password === password);
    },
    issueToken: async (uuid, label, expiresAt) => {
      call('issueToken');
      if (!users.get(uuid)?.active) throw new Fault('not_found', 'identity.no_user');
      const token = randomBytes(20).toString('hex');
      const auditId = randomUUID();
      tokens.set(token, { kind: 'user', uuid, displayName: label, roles: [], auditId, via: 'token' });
      return { token, auditId, createdAt: new Date().toISOString(), expiresAt };
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
