import { randomBytes, randomUUID } from 'node:crypto';
import type { Principal } from '@nefos/contracts';
import { Fault, unavailable } from '@nefos/service-kit';

export interface NewIdentity { uuid: string; email: string; firstName: string; lastName: string; password?: string | undefined }
export interface IssuedToken { token: string; auditId: string; createdAt: string; expiresAt: string | null }

/** Users and tokens are identity's; the portal only points at them. Every call may be repeated. Identity silent: Fault unavailable. */
export interface IdentityPort {
  /** Makes a user that can not sign in yet. @throws Fault conflict/identity.email_taken */
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
}

export interface FakeIdentity extends IdentityPort { users: Map<string, NewIdentity & { active: boolean }>; tokens: Map<string, Principal>; down: boolean; calls: string[] }
/** Identity in memory; `down` makes it silent. Its tokens verify through the same map. */
export const fakeIdentity = (): FakeIdentity => {
  const users: FakeIdentity['users'] = new Map(); const tokens: FakeIdentity['tokens'] = new Map();
  const self: FakeIdentity = {
    users, tokens, down: false, calls: [],
    putUser: async (user) => {
      heard('putUser');
      for (const other of users.values()) if (other.active && other.uuid !== user.uuid && other.email === user.email) throw new Fault('conflict', 'identity.email_taken');
      if (!users.has(user.uuid)) users.set(user.uuid, { ...user, active: false });
    },
    activateUser: async (uuid) => { heard('activateUser'); const user = users.get(uuid); if (user) user.active = true; },
    deleteUser: async (uuid) => { heard('deleteUser'); users.delete(uuid); for (const [token, one] of tokens) if (one.uuid === uuid) tokens.delete(token); },
    checkPassword: async (uuid, password) => { heard('checkPassword'); const user = users.get(uuid); return Boolean(user?.active && user.password === password); },
    issueToken: async (uuid, label, expiresAt) => {
      heard('issueToken');
      if (!users.get(uuid)?.active) throw new Fault('not_found', 'identity.no_user');
      const token = randomBytes(20).toString('hex'); const auditId = randomUUID();
      tokens.set(token, { kind: 'user', uuid, displayName: label, roles: [], auditId, via: 'token' });
      return { token, auditId, createdAt: new Date().toISOString(), expiresAt };
    },
    revokeToken: async (auditId) => { heard('revokeToken'); for (const [token, one] of tokens) if (one.auditId === auditId) tokens.delete(token); },
    ready: async () => !self.down,
  };
  const heard = (call: string): void => { self.calls.push(call); if (self.down) throw unavailable('identity_unavailable'); };
  return self;
};
