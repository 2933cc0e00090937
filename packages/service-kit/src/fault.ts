/** What went wrong, by meaning. The service's dialect chooses the status and the words. */
export type FaultKind =
  | 'invalid'
  | 'expectation'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method'
  | 'not_acceptable'
  | 'media_type'
  | 'conflict'
  | 'precondition'
  | 'too_large'
  | 'too_many'
  | 'capacity'
  | 'upstream'
  | 'unavailable'
  | 'unsupported'
  | 'internal';

/** One refused value: where it stands, the rule it broke, the rule's values. No prose. */
export interface Issue {
  path: readonly PropertyKey[];
  rule: string;
  values?: Record<string, unknown>;
}

export interface FaultParams {
  issues?: readonly Issue[];
  allow?: readonly string[];
  retryAfter?: number;
  /** The operator has a line of its own about this: none per request. */ told?: boolean;
  [key: string]: unknown;
}

/** The one error that domain code throws on purpose. `code` is machine-readable ("instance.locked"); `cause` goes to the log only. */
export class Fault extends Error {
  readonly kind: FaultKind;
  readonly code: string;
  readonly params: FaultParams;
  constructor(kind: FaultKind, code: string, params: FaultParams = {}, options?: { cause?: unknown }) {
    super(`${kind}: ${code}`, options);
    this.name = 'Fault';
    this.kind = kind;
    this.code = code;
    this.params = params;
  }
}

export const invalid = (issues: readonly Issue[], code = 'validation'): Fault => new Fault('invalid', code, { issues });
export const notFound = (code = 'not_found', params: FaultParams = {}): Fault => new Fault('not_found', code, params);
export const forbidden = (code = 'permission_denied', params: FaultParams = {}): Fault =>
  new Fault('forbidden', code, params);
export const conflict = (code: string, params: FaultParams = {}): Fault => new Fault('conflict', code, params);
export const unavailable = (code: string, params: FaultParams = {}, cause?: unknown): Fault =>
  new Fault('unavailable', code, { retryAfter: 1, ...params }, { cause });
export const tooLarge = (limit: number): Fault => new Fault('too_large', 'too_large', { limit });

// What PostgreSQL, its driver and TypeORM say while the database is away, going or coming, or does not let us in (28000, 28P01: the password
// is being changed; 3D000: the database is not there). A connection that breaks has no code but words.
const AWAY_CODES = new Set([
  '28000',
  '28P01',
  '3D000',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '53300',
]);
const AWAY_WORDS =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Connection ended unexpectedly|Query runner already released)/;
// The network says the same of every peer: a mail server, another service. These count only for errors that the database layer has marked.
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const ofDatabase = new WeakSet<object>();
/** Remembers that an error came while the database was asked. For the layer that asks it. @returns the same error, to be thrown */
export const markDatabaseError = <T>(err: T): T => {
  if (typeof err === 'object' && err !== null) ofDatabase.add(err);
  return err;
};
/** The same promise, its errors marked. */
export const marked = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((err: unknown) => {
    throw markDatabaseError(err);
  });
const saysAway = (err: unknown, marked: boolean): boolean => {
  const { code, message, driverError } = (err ?? {}) as { code?: unknown; message?: unknown; driverError?: unknown };
  return (
    AWAY_CODES.has(String(code)) ||
    (marked && NETWORK_CODES.has(String(code))) ||
    (typeof message === 'string' && AWAY_WORDS.test(message)) ||
    // Only TypeORM's errors have it, and only those of a statement.
    (driverError !== undefined && driverError !== err && saysAway(driverError, true))
  );
};
/** Whether an error says that the database can not be reached now; a write that met it may or may not have happened. */
export const databaseAway = (err: unknown): boolean =>
  saysAway(err, typeof err === 'object' && err !== null && ofDatabase.has(err));

/** What every catch at an edge does with an unknown error: a Fault stays, a database that is away is `unavailable`, anything else is `internal`. */
export const asFault = (err: unknown): Fault =>
  err instanceof Fault
    ? err
    : databaseAway(err)
      ? unavailable('database_unavailable', {}, err)
      : new Fault('internal', 'internal', {}, { cause: err });
