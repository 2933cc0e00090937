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
export const forbidden = (code = 'permission_denied', params: FaultParams = {}): Fault => new Fault('forbidden', code, params);
export const conflict = (code: string, params: FaultParams = {}): Fault => new Fault('conflict', code, params);
export const unavailable = (code: string, params: FaultParams = {}, cause?: unknown): Fault =>
  new Fault('unavailable', code, { retryAfter: 1, ...params }, { cause });
export const tooLarge = (limit: number): Fault => new Fault('too_large', 'too_large', { limit });

// What PostgreSQL, its driver and TypeORM say while the database is away, going or coming. A connection that breaks has no code but words.
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
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
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Connection ended unexpectedly|Query runner already released)/;
/** Whether an error says that the database can not be reached now; a write that met it may or may not have happened. */
export const databaseAway = (err: unknown): boolean => {
  const { code, message, driverError } = (err ?? {}) as { code?: unknown; message?: unknown; driverError?: unknown };
  return (
    AWAY_CODES.has(String(code)) ||
    (typeof message === 'string' && AWAY_WORDS.test(message)) ||
    (driverError !== undefined && driverError !== err && databaseAway(driverError))
  );
};

/** What every catch at an edge does with an unknown error: a Fault stays, a database that is away is `unavailable`, anything else is `internal`. */
export const asFault = (err: unknown): Fault =>
  err instanceof Fault ? err : databaseAway(err) ? unavailable('database_unavailable', {}, err) : new Fault('internal', 'internal', {}, { cause: err });
