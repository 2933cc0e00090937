/** What went wrong, by meaning. The service's dialect chooses the status and the sentence. */
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

/** One refused value: its path, the rule it broke, the rule's values. */
export interface Issue {
  path: readonly PropertyKey[];
  rule: string;
  values?: Record<string, unknown>;
}

export interface FaultParams {
  issues?: readonly Issue[];
  allow?: readonly string[];
  retryAfter?: number;
  /** It is logged elsewhere: no line per request. */
  logged?: boolean;
  [key: string]: unknown;
}

/**
 * The one error that domain code throws on purpose. `code` is machine-readable ("instance.locked"); `cause` goes to
 * the log only.
 */
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

// SQLSTATEs while the database is down, starting, stopping, or refuses the login (28000, 28P01: the password is being
// changed; 3D000: the database does not exist). Errors of broken connections have no code, only a message.
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
const AWAY_MESSAGES = [
  'Connection terminated',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed',
  'Connection ended unexpectedly',
  'Query runner already released',
];
const AWAY_WORDS = new RegExp(`^(${AWAY_MESSAGES.join('|')})`);
// A mail server or another service gives the same errors of the network: these count only for errors that the
// database layer has marked.
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
/**
 * Remembers that an error came from a statement or connection of the database.
 * @returns the same error, to be thrown
 */
export const markDatabaseError = <T>(err: T): T => {
  if (typeof err === 'object' && err !== null) ofDatabase.add(err);
  return err;
};
/** The same promise, its errors marked. */
export const marked = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((err: unknown) => {
    throw markDatabaseError(err);
  });
const meansAway = (err: unknown, marked: boolean): boolean => {
  const { code, message, driverError } = (err ?? {}) as { code?: unknown; message?: unknown; driverError?: unknown };
  return (
    AWAY_CODES.has(String(code)) ||
    (marked && NETWORK_CODES.has(String(code))) ||
    (typeof message === 'string' && AWAY_WORDS.test(message)) ||
    // Only TypeORM's errors have it, and only those of a statement.
    (driverError !== undefined && driverError !== err && meansAway(driverError, true))
  );
};
/**
 * Whether an error means that the database can not be reached now; a write that failed so may or may not have
 * happened.
 */
export const databaseAway = (err: unknown): boolean =>
  meansAway(err, typeof err === 'object' && err !== null && ofDatabase.has(err));

/** Any error as a Fault: a Fault stays, an unreachable database is `unavailable`, anything else is `internal`. */
export const asFault = (err: unknown): Fault =>
  err instanceof Fault
    ? err
    : databaseAway(err)
      ? unavailable('database_unavailable', {}, err)
      : new Fault('internal', 'internal', {}, { cause: err });
