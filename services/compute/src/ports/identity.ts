import type { Principal } from '@nefos/contracts';

export interface NewIdentity {
  uuid: string;
  email: string;
  firstName: string;
  lastName: string;
  password?: string | undefined;
  /** Terms of use do not bind staff. */
  staff?: boolean | undefined;
}
export interface IssuedToken {
  token: string;
  auditId: string;
  createdAt: string;
  expiresAt: string | null;
  /** Whether identity knows that it is read-only. */
  readOnly: boolean;
}
export interface WantedToken {
  label: string;
  expiresAt: string | null;
  readOnly: boolean;
  /** The token or session of the request, by its public name. */
  madeWith: string | undefined;
}
/** The whole state of a project. */
export interface ProjectState {
  name: string;
  description: string;
  enabled: boolean;
  /** Uuids of the users who may work in it, at most 1000. */
  members: string[];
  /** Rises with each change: identity ignores what it is told late. */
  sequence: number;
}
export interface UserState {
  uuid: string;
  isActive: boolean;
  changedAt: string;
}

/**
 * What the portal has identity do: users, their tokens and sessions are kept there. Every call may be repeated.
 * @throws Fault unavailable from every call while identity does not answer
 */
export interface IdentityPort {
  /** Whose token it is; null: it is not valid. */
  validate(token: string, options: { signal?: AbortSignal }): Promise<Principal | null>;
  /**
   * Makes a user who can not sign in yet.
   * @throws Fault conflict/identity.conflict: a verified user has the e-mail address; invalid/identity.refused
   */
  putUser(user: NewIdentity): Promise<void>;
  activateUser(uuid: string): Promise<void>;
  /** What is absent is success. */
  deleteUser(uuid: string): Promise<void>;
  /** @throws Fault too_many when the user has failed too often */
  checkPassword(uuid: string, password: string): Promise<boolean>;
  /**
   * A token of 40 hex digits.
   * @throws Fault not_found, conflict: the user may not sign in, or the credential `madeWith` is over; forbidden: it
   * may not issue tokens
   */
  issueToken(uuid: string, wanted: WantedToken): Promise<IssuedToken>;
  /** Makes the token read-only. A token that is absent is success. */
  restrictToken(auditId: string): Promise<void>;
  /**
   * Begins a session at identity; null: the password is wrong or the user may not sign in.
   * @throws Fault too_many, conflict/identity.terms_pending
   */
  openSession(uuid: string, password: string, seconds: number): Promise<{ auditId: string } | null>;
  /**
   * The same for a user whom staff let in, without password.
   * @param madeWith the token or session of the staff user, by its public name
   * @throws Fault not_found, forbidden, conflict: not for this user, or not with this token
   */
  openTrustedSession(uuid: string, madeWith: string, seconds: number): Promise<{ auditId: string } | null>;
  /** Whose session it is; null: it is over. */
  validateSession(auditId: string, options: { signal?: AbortSignal }): Promise<Principal | null>;
  /** What is absent is success. */
  closeSession(auditId: string): Promise<void>;
  /**
   * Tells identity whether the user may sign in.
   * @param sequence the number of the change: identity ignores one that is older than what it knows
   * @returns the state there afterwards
   * @throws Fault forbidden: an administrator there; conflict: a rejected user; not_found
   */
  setUserState(uuid: string, active: boolean, sequence: number): Promise<UserState>;
  /** A page of users in the order in which their states changed. */
  userStates(query: { after?: string; afterUuid?: string; limit: number }): Promise<UserState[]>;
  /**
   * Makes a project or changes it.
   * @throws Fault forbidden: another component's; conflict: another project has the name
   */
  putProject(uuid: string, project: ProjectState): Promise<void>;
  /** What is absent is success, and stays absent for lower numbers. @throws Fault forbidden */
  deleteProject(uuid: string, sequence: number): Promise<void>;
  /** What is absent is success. */
  revokeToken(auditId: string): Promise<void>;
  /** Whether identity answers, for readiness. */
  ready(): Promise<boolean>;
  close(): void;
}
