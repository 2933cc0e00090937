import { randomBytes, randomUUID } from 'node:crypto';
import type { Principal } from '@nefos/contracts';
import { Fault, unavailable } from '@nefos/service-kit';
import type { IdentityPort, NewIdentity, ProjectState, UserState } from '../src/ports/identity.js';

export interface FakeIdentity extends IdentityPort {
  users: Map<string, NewIdentity & { active: boolean }>;
  tokens: Map<string, Principal>;
  /** The user of each session, by the session's public name. */
  sessions: Map<string, string>;
  states: UserState[];
  /** By uuid; what has ended stays with its number. */
  projects: Map<string, Omit<ProjectState, 'sequence'> | null>;
  down: boolean;
  calls: string[];
}
/** Identity in memory; while it is `down` it does not answer. Its tokens are those of the map `tokens`. */
export const fakeIdentity = (): FakeIdentity => {
  const users: FakeIdentity['users'] = new Map();
  const tokens: FakeIdentity['tokens'] = new Map();
  const signOut = (uuid: string): void => {
    for (const [auditId, one] of self.sessions) if (one === uuid) self.sessions.delete(auditId);
  };
  const numbers = new Map<string, number>();
  const tellProject = (uuid: string, sequence: number, project: Omit<ProjectState, 'sequence'> | null): void => {
    if ((numbers.get(uuid) ?? 0) >= sequence) return;
    numbers.set(uuid, sequence);
    self.projects.set(uuid, project);
  };
  const self: FakeIdentity = {
    users,
    tokens,
    sessions: new Map(),
    states: [],
    projects: new Map(),
    down: false,
    calls: [],
    validate: async (token) => {
      if (self.down) throw new Error('identity does not answer');
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
    putProject: async (uuid, { sequence, ...project }) => {
      call('putProject');
      tellProject(uuid, sequence, project);
    },
    deleteProject: async (uuid, sequence) => {
      call('deleteProject');
      tellProject(uuid, sequence, null);
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
      if (self.down) throw new Error('identity does not answer');
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
      const state = { uuid, isActive: active, changedAt: new Date().toISOString() };
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
