/** Who calls, the same for all services (architecture §3). */
export interface Principal {
  kind: 'user' | 'staff' | 'component' | 'gateway';
  /** Identity uuid of a user; `component:<name>` for a component; the account number for a trusted header. */
  uuid: string;
  displayName: string;
  /** Role (group) names. */
  roles: readonly string[];
  projectId?: string;
  /** ISO 8601, UTC; absent: never. */
  tokenExpires?: string;
  /** Public name of the token that was shown, for logs and revocation; never the token. */
  auditId?: string;
  /** The token may only read: services refuse it every unsafe method. Absent: it may do what its holder may. */
  readOnly?: true;
  /** The token is of an application credential that may make and manage no others: nobody's rights are changed with it. Absent: it may. */
  restricted?: true;
  via: 'x-auth-token' | 'bearer' | 'token' | 'rh-identity' | 'basic' | 'session';
}
