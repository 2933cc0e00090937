import { hash } from 'node:crypto';
import type { Principal } from '@nefos/contracts';
import { LRUCache } from 'lru-cache';
import type { Registry } from 'prom-client';
import { createCircuit } from './circuit.js';
import { meterVerifier } from './metrics.js';

/** Identity can not be asked now, and nothing that is known answers for it: 503, never 401. */
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
  /** A token is let through on an old answer, `age` seconds after identity last confirmed it. Told at most every ten seconds per token. */
  | { type: 'grace'; uuid: string; auditId: string | undefined; age: number }
  | { type: 'circuit'; state: 'open' | 'closed' };

export interface VerifierOptions {
  /** Asks identity: the principal, or null for a token that is not good. Throwing means that identity could not tell. */
  validate: (
    token: string,
    options: { signal: AbortSignal; requestId?: string | undefined },
  ) => Promise<Principal | null>;
  /**
   * How long a good answer is used without asking again. With the second that identity may take to answer (`slowMs`), the time within which a
   * revocation is seen.
   */
  positiveSeconds?: number | undefined;
  negativeSeconds?: number | undefined;
  /** How long after its last confirmation a token keeps working while identity is slow or down. */
  graceSeconds?: number | undefined;
  /** Good tokens remembered; the least recently used one goes first. */
  maxEntries?: number | undefined;
  /** Questions to identity open at one time; more are refused as unavailable. */
  maxInFlight?: number | undefined;
  timeoutMs?: number | undefined;
  /** How long a known token waits for a slow identity before its old answer is used. */
  slowMs?: number | undefined;
  /** Failures in a row after which identity is taken for dead, and how often it is then tried. */
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
  graced: number;
  unavailable: number;
  entries: number;
  inFlight: number;
  circuit: 'open' | 'closed';
}
export interface TokenVerifier {
  /** @param requestId of the request on whose behalf identity is asked, if it is  @throws VerifierUnavailable */
  verify: (token: string, requestId?: string) => Promise<Principal | null>;
  /** The principal of a token that needs no question now. */
  cached: (token: string) => Principal | undefined;
  /** Drops what is known of a token, the grace included: for revocations that are told. */
  forget: (token: string) => void;
  forgetHash: (hexSha256: string) => void;
  forgetAuditId: (auditId: string) => void;
  forgetAll: () => void;
  stats: () => VerifierStats;
}

interface Known {
  principal: Principal;
  /** When the question was sent whose answer this is. */ confirmedAt: number;
  expiresAt: number;
  /** When its grace was last told. */ toldAt: number;
}

/** Milliseconds: an outage under load must not drown the log that explains it. */
const TOLD_EVERY = 10_000;

/**
 * Checks tokens against identity and remembers the answers for seconds. One question per token is open at a time; when identity is
 * slow or down, tokens that it lately confirmed keep working until `graceSeconds` after that, and others are `VerifierUnavailable`.
 * An expired token never passes; a revoked one passes until the next question, which is at most `positiveSeconds` away.
 */
export const createTokenVerifier = ({
  validate,
  positiveSeconds = 4,
  negativeSeconds = 1,
  graceSeconds = 60,
  maxEntries = 50_000,
  maxInFlight = 1000,
  timeoutMs = 3000,
  slowMs = 1000,
  circuit: limits,
  onEvent,
  registry,
  now = Date.now,
}: VerifierOptions): TokenVerifier => {
  const positive = positiveSeconds * 1000;
  const negative = negativeSeconds * 1000;
  const grace = graceSeconds * 1000;
  const keyOfAudit = new Map<string, string>();
  const known = new LRUCache<string, Known>({
    max: maxEntries,
    dispose: ({ principal }, key) => {
      if (principal.auditId !== undefined && keyOfAudit.get(principal.auditId) === key)
        keyOfAudit.delete(principal.auditId);
    },
  });
  // Apart from the good ones: whoever tries tokens at random must not push those out.
  const refused = new LRUCache<string, number>({ max: Math.min(maxEntries, 10_000) });
  const flights = new Map<string, { answer: Promise<Principal | null>; since: number }>();
  const counts = { hits: 0, negativeHits: 0, misses: 0, joined: 0, graced: 0, unavailable: 0 };
  const tell = (event: VerifierEvent): void => {
    meter?.(event);
    onEvent?.(event);
  };
  const circuit = createCircuit({ ...limits, now, onChange: (state) => tell({ type: 'circuit', state }) });
  /** Rises with every `forget`: an answer to a question asked before it is not kept. */
  let epoch = 0;

  const within = (since: number, at: number, span: number): boolean => at >= since && at - since < span;
  const unavailable = (cause?: unknown): VerifierUnavailable => {
    counts.unavailable += 1;
    return new VerifierUnavailable(circuit.retryAfter(), { cause });
  };
  const remember = (key: string, principal: Principal | null, confirmedAt: number): Principal | null => {
    const expiresAt = principal?.tokenExpires === undefined ? Infinity : Date.parse(principal.tokenExpires);
    // `!(a > b)`: an expiry that can not be read is no licence.
    if (!principal || !(expiresAt > now())) {
      known.delete(key);
      refused.set(key, confirmedAt);
      return null;
    }
    refused.delete(key);
    known.set(key, { principal: Object.freeze(principal), confirmedAt, expiresAt, toldAt: -Infinity });
    if (principal.auditId !== undefined) keyOfAudit.set(principal.auditId, key);
    return principal;
  };
  const ask = async (key: string, token: string, requestId: string | undefined): Promise<Principal | null> => {
    const startedAt = now();
    const born = epoch;
    const started = performance.now();
    const stop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const err = new Error(`no answer within ${timeoutMs} ms`);
        stop.abort(err);
        reject(err);
      }, timeoutMs);
    });
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const answer = await Promise.race([validate(token, { signal: stop.signal, requestId }), late]);
      circuit.succeeded();
      tell({ type: 'lookup', outcome: answer ? 'valid' : 'invalid', seconds: seconds() });
      // Not kept after a `forget`, save for a refusal: that is never wrong to keep.
      if (born !== epoch && answer) return Date.parse(answer.tokenExpires ?? '9999-12-31') > now() ? answer : null;
      return remember(key, answer, startedAt);
    } catch (error) {
      circuit.failed();
      tell({ type: 'lookup', outcome: 'failed', seconds: seconds(), error });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  const lookUp = (key: string, token: string, requestId: string | undefined): Promise<Principal | null> => {
    const flying = flights.get(key);
    if (flying) {
      counts.joined += 1;
      return flying.answer;
    }
    if (flights.size >= maxInFlight) return Promise.reject(new Error(`${maxInFlight} questions are open`));
    counts.misses += 1;
    const answer = ask(key, token, requestId).finally(() => {
      if (flights.get(key)?.answer === answer) flights.delete(key);
    });
    flights.set(key, { answer, since: now() });
    return answer;
  };
  const graced = (entry: Known): Principal | null => {
    const { principal, confirmedAt, expiresAt } = entry;
    const at = now();
    if (at >= expiresAt) return null;
    counts.graced += 1;
    if (at - entry.toldAt >= TOLD_EVERY) {
      entry.toldAt = at;
      tell({ type: 'grace', uuid: principal.uuid, auditId: principal.auditId, age: (at - confirmedAt) / 1000 });
    }
    return principal;
  };
  /** Waits for a fresh answer as long as that is bearable, then uses the old one. The wait is the question's, not each caller's. */
  const lookUpOrGrace = (key: string, token: string, requestId: string | undefined): Promise<Principal | null> =>
    new Promise((resolve, reject) => {
      let settled = false;
      const settle = (answer?: Principal | null, err?: unknown): void => {
        clearTimeout(timer);
        if (settled) return;
        settled = true;
        if (answer !== undefined) {
          resolve(answer);
          return;
        }
        // Read anew: what was forgotten meanwhile is no answer any more.
        const old = known.peek(key);
        if (old) resolve(graced(old));
        else reject(unavailable(err));
      };
      const since = flights.get(key)?.since ?? now();
      const timer = setTimeout(settle, Math.max(0, slowMs - (now() - since)));
      lookUp(key, token, requestId).then(settle, (err: unknown) => settle(undefined, err));
    });

  /** The principal that needs no question. */
  const fresh = (key: string, at: number): Principal | undefined => {
    const entry = known.get(key);
    if (!entry || !within(entry.confirmedAt, at, positive) || at >= entry.expiresAt) return undefined;
    counts.hits += 1;
    return entry.principal;
  };
  const cached = (token: string): Principal | undefined => fresh(hash('sha256', token, 'hex'), now());
  const verify = async (token: string, requestId?: string): Promise<Principal | null> => {
    const key = hash('sha256', token, 'hex');
    const at = now();
    const hit = fresh(key, at);
    if (hit) return hit;
    const entry = known.peek(key);
    const since = refused.get(key);
    const expired = entry !== undefined && at >= entry.expiresAt;
    if (expired) {
      known.delete(key);
      refused.set(key, at);
    }
    if (expired || (since !== undefined && within(since, at, negative))) {
      counts.negativeHits += 1;
      return null;
    }
    const dead = circuit.isOpen();
    const may = !dead || circuit.takeProbe();
    if (entry && within(entry.confirmedAt, at, grace)) {
      if (!dead) return lookUpOrGrace(key, token, requestId);
      if (may) lookUp(key, token, requestId).catch(() => undefined);
      return graced(entry);
    }
    if (!may) throw unavailable();
    return lookUp(key, token, requestId).catch((err: unknown) => {
      throw unavailable(err);
    });
  };
  const forgetHash = (key: string): void => {
    epoch += 1;
    flights.delete(key);
    known.delete(key);
    refused.delete(key);
  };
  const verifier: TokenVerifier = {
    verify,
    cached,
    forgetHash,
    forget: (token) => forgetHash(hash('sha256', token, 'hex')),
    forgetAuditId: (auditId) => {
      epoch += 1;
      const key = keyOfAudit.get(auditId);
      if (key !== undefined) forgetHash(key);
    },
    forgetAll: () => {
      epoch += 1;
      flights.clear();
      known.clear();
      refused.clear();
    },
    stats: () => ({
      ...counts,
      entries: known.size,
      inFlight: flights.size,
      circuit: circuit.isOpen() ? 'open' : 'closed',
    }),
  };
  const meter = registry && meterVerifier(registry, verifier.stats);
  return verifier;
};
