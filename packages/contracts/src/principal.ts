/** Who calls, the same for all services (architecture §3). */
export interface Principal {
  kind: 'user' | 'staff' | 'component' | 'gateway';
  /** Identity uuid of a user; `component:<name>` for a component; the account number for a trusted header. */
  uuid: string;
  displayName: string;
  /** Role (group) names. */
  roles: readonly string[];
  /** The project that the token is scoped to, its uuid and name; the own system project too. */
  project?: { id: string; name: string };
  /** ISO 8601, UTC; absent: never. */
  tokenExpires?: string;
  /** Public name of the token that was shown, for logs and revocation; never the token. */
  auditId?: string;
  /**
   * The token may only read: it was made so, or has no role that writes in its project. Services refuse unsafe methods.
   * Absent: it has the rights of its holder.
   */
  readOnly?: true;
  /** The token was issued with an application credential, whose roles may be fewer than its maker's. */
  byCredential?: true;
  /** The token was issued with a restricted application credential: it can not create, change or delete credentials. */
  restricted?: true;
  via: 'x-auth-token' | 'bearer' | 'token' | 'rh-identity' | 'basic' | 'session';
}
