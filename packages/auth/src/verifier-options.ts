import type { Principal } from '@nefos/contracts';
import type { Registry } from 'prom-client';

/** Identity can not be asked now, and no remembered answer may be used: the answer is 503, never 401. */
export class VerifierUnavailable extends Error {
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number;
  constructor(retryAfter: number, options?: { cause?: unknown }) {
    super('tokens can not be checked now', options);
    this.name = 'VerifierUnavailable';
    this.retryAfter = retryAfter;
  }
}

export type VerifierEvent =
  /** Identity was asked. `failed` carries what went wrong. */
  | { type: 'lookup'; outcome: 'valid' | 'invalid' | 'failed'; seconds: number; error?: unknown }
  /**
   * A token is accepted on an old answer, `age` seconds after identity last confirmed it. Reported at most every ten
   * seconds per token.
   */
  | { type: 'grace'; uuid: string; auditId: string | undefined; age: number }
  | { type: 'circuit'; state: 'open' | 'closed' };

/** Asks identity: the principal, or null for a token that is not good. Throwing means that identity could not tell. */
export type Validate = (
  token: string,
  options: { signal: AbortSignal; requestId?: string | undefined },
) => Promise<Principal | null>;

export interface VerifierOptions {
  validate: Validate;
  /**
   * How long a good answer is used without asking again. A revocation takes effect within this time and the second
   * that identity may take to answer (`slowMs`).
   */
  positiveSeconds?: number | undefined;
  /** How long a refusal is used without asking again. */
  negativeSeconds?: number | undefined;
  /** How long after its last confirmation a token keeps working while identity is slow or down. */
  graceSeconds?: number | undefined;
  /** Good tokens remembered; the least recently used one goes first. */
  maxEntries?: number | undefined;
  /** Requests to identity open at one time; further tokens are refused as unavailable. */
  maxInFlight?: number | undefined;
  timeoutMs?: number | undefined;
  /** How long a known token waits for a slow identity before its old answer is used. */
  slowMs?: number | undefined;
  /** Failures in a row after which identity is considered down, and how often it is then tried. */
  circuit?: { failures?: number; probeMs?: number } | undefined;
  /** For logs; counters are in `stats()` and in the registry. */
  onEvent?: ((event: VerifierEvent) => void) | undefined;
  registry?: Registry | undefined;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}
export interface VerifierStats {
  hits: number;
  negativeHits: number;
  misses: number;
  joined: number;
  usedStale: number;
  unavailable: number;
  entries: number;
  inFlight: number;
  circuit: 'open' | 'closed';
}
