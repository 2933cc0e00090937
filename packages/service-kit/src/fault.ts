/** What went wrong, by meaning. The service's dialect chooses the status and the words. */
export type FaultKind =
  | 'invalid' | 'unauthenticated' | 'forbidden' | 'not_found' | 'method' | 'not_acceptable' | 'media_type' | 'conflict'
  | 'precondition' | 'too_large' | 'too_many' | 'capacity' | 'upstream' | 'unavailable' | 'unsupported' | 'internal';

/** One refused value: where it stands, the rule it broke, the rule's values. No prose. */
export interface Issue { path: readonly PropertyKey[]; rule: string; values?: Record<string, unknown> }

export interface FaultParams { issues?: readonly Issue[]; allow?: readonly string[]; retryAfter?: number; [key: string]: unknown }

/** The one error that domain code throws on purpose. `code` is machine-readable ("instance.locked"); `cause` goes to the log only. */
export class Fault extends Error {
  readonly kind: FaultKind;
  readonly code: string;
  readonly params: FaultParams;
  constructor(kind: FaultKind, code: string, params: FaultParams = {}, options?: { cause?: unknown }) {
    super(`${kind}: ${code}`, options);
    this.name = 'Fault';
    this.kind = kind; this.code = code; this.params = params;
  }
}

export const invalid = (issues: readonly Issue[], code = 'validation'): Fault => new Fault('invalid', code, { issues });
export const notFound = (code = 'not_found', params: FaultParams = {}): Fault => new Fault('not_found', code, params);
export const forbidden = (code = 'permission_denied', params: FaultParams = {}): Fault => new Fault('forbidden', code, params);
export const conflict = (code: string, params: FaultParams = {}): Fault => new Fault('conflict', code, params);
export const unavailable = (code: string, params: FaultParams = {}, cause?: unknown): Fault => new Fault('unavailable', code, { retryAfter: 1, ...params }, { cause });
export const tooLarge = (limit: number): Fault => new Fault('too_large', 'too_large', { limit });

/** What every catch at an edge does with an unknown error: a Fault stays, anything else is `internal`. */
export const asFault = (err: unknown): Fault => (err instanceof Fault ? err : new Fault('internal', 'internal', {}, { cause: err }));
