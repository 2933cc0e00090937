import { hash } from 'node:crypto';
import type { Principal } from '@nefos/contracts';
import { createCircuit, type Circuit } from './circuit.js';
import { withDeadline } from './deadline.js';
import { meterVerifier } from './metrics.js';
import { createSingleFlight } from './single-flight.js';
import { createGraceAnswers } from './grace-answers.js';
import { createTokenCache, type CachedToken, type TokenCache } from './token-cache.js';
import {
  VerifierUnavailable,
  type Validate,
  type VerifierEvent,
  type VerifierOptions,
  type VerifierStats,
} from './verifier-options.js';

export interface TokenVerifier {
  /**
   * The token's principal; null: identity refuses it.
   * @param requestId of the request on whose behalf identity is asked, if there is one
   * @throws VerifierUnavailable
   */
  verify: (token: string, requestId?: string) => Promise<Principal | null>;
  /** The principal of a token that identity confirmed within the last `positiveSeconds`; counted as a hit. */
  cached: (token: string) => Principal | undefined;
  /** Drops what is known of a token, the grace included: for revocations that are announced. */
  forget: (token: string) => void;
  forgetHash: (hexSha256: string) => void;
  forgetAuditId: (auditId: string) => void;
  forgetAll: () => void;
  stats: () => VerifierStats;
}
type Report = (event: VerifierEvent) => void;
type Answer = Principal | null;

const keyOf = (token: string): string => hash('sha256', token, 'hex');
const within = (since: number, at: number, span: number): boolean => at >= since && at - since < span;

/** Asks identity, with a deadline; reports the result and caches it. */
const createLookup = ({
  validate,
  timeoutMs,
  circuit,
  cache,
  epoch,
  report,
  now,
}: {
  validate: Validate;
  timeoutMs: number;
  circuit: Circuit;
  cache: TokenCache;
  epoch: () => number;
  report: Report;
  now: () => number;
}): ((key: string, token: string, requestId: string | undefined) => Promise<Answer>) => {
  return async (key, token, requestId) => {
    const sentAt = now();
    const sentIn = epoch();
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const answer = await withDeadline(timeoutMs, (signal) => validate(token, { signal, requestId }));
      circuit.succeeded();
      report({ type: 'lookup', outcome: answer ? 'valid' : 'invalid', seconds: seconds() });
      // After a `forget` a good answer may be older than the revocation: it is used once and not kept. A refusal is
      // safe to keep.
      if (sentIn !== epoch() && answer) return Date.parse(answer.tokenExpires ?? '9999-12-31') > now() ? answer : null;
      return cache.keep(key, answer, sentAt);
    } catch (error) {
      circuit.failed();
      report({ type: 'lookup', outcome: 'failed', seconds: seconds(), error });
      throw error;
    }
  };
};

/**
 * Checks tokens against identity and remembers the answers for seconds. One question per token is open at a time;
 * when identity is slow or down, tokens that it lately confirmed keep working until `graceSeconds` after that, and
 * others are `VerifierUnavailable`. An expired token never passes. A revoked token is refused after at most
 * `positiveSeconds` + `slowMs`; while identity is slow or down, after at most `graceSeconds`.
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
  const counts = { hits: 0, negativeHits: 0, misses: 0, joined: 0, usedStale: 0, unavailable: 0 };
  /** Grows with every `forget`: an answer to an older question is not kept. */
  let epoch = 0;
  const report: Report = (event) => {
    meter?.(event);
    onEvent?.(event);
  };
  const cache = createTokenCache(maxEntries, now);
  const circuit = createCircuit({ ...limits, now, onChange: (state) => report({ type: 'circuit', state }) });
  const flights = createSingleFlight<Answer>({
    most: maxInFlight,
    now,
    onJoin: () => (counts.joined += 1),
    onSend: () => (counts.misses += 1),
  });
  const lookup = createLookup({ validate, timeoutMs, circuit, cache, epoch: () => epoch, report, now });
  const ask = (key: string, token: string, requestId: string | undefined): Promise<Answer> =>
    flights.run(key, () => lookup(key, token, requestId));

  const unavailable = (cause?: unknown): VerifierUnavailable => {
    counts.unavailable += 1;
    return new VerifierUnavailable(circuit.retryAfter(), { cause });
  };
  const graceAnswers = createGraceAnswers({
    slowMs,
    cache,
    ask,
    since: (key) => flights.since(key),
    unavailable,
    onUse: () => (counts.usedStale += 1),
    report,
    now,
  });

  /** The principal of a token that was confirmed lately; counts a hit. */
  const fresh = (key: string, at: number): Principal | undefined => {
    const entry = cache.get(key);
    if (!entry || !within(entry.confirmedAt, at, positive) || at >= entry.expiresAt) return undefined;
    counts.hits += 1;
    return entry.principal;
  };
  const isRefused = (key: string, entry: CachedToken | undefined, at: number): boolean => {
    const since = cache.refusedAt(key);
    if (entry !== undefined && at >= entry.expiresAt) {
      cache.refuse(key, at);
      return true;
    }
    return since !== undefined && within(since, at, negative);
  };
  const verify = async (token: string, requestId?: string): Promise<Answer> => {
    const key = keyOf(token);
    const at = now();
    const hit = fresh(key, at);
    if (hit) return hit;
    const entry = cache.peek(key);
    if (isRefused(key, entry, at)) {
      counts.negativeHits += 1;
      return null;
    }
    const down = circuit.isOpen();
    const mayAsk = !down || circuit.takeProbe();
    if (entry && within(entry.confirmedAt, at, grace)) {
      if (!down) return graceAnswers.askOrUse(key, token, requestId);
      if (mayAsk) ask(key, token, requestId).catch(() => undefined);
      return graceAnswers.use(entry);
    }
    if (!mayAsk) throw unavailable();
    return ask(key, token, requestId).catch((err: unknown) => {
      throw unavailable(err);
    });
  };
  const forgetHash = (key: string): void => {
    epoch += 1;
    flights.forget(key);
    cache.drop(key);
  };
  const verifier: TokenVerifier = {
    verify,
    cached: (token) => fresh(keyOf(token), now()),
    forgetHash,
    forget: (token) => forgetHash(keyOf(token)),
    forgetAuditId: (auditId) => {
      epoch += 1;
      const key = cache.keyOfAuditId(auditId);
      if (key !== undefined) forgetHash(key);
    },
    forgetAll: () => {
      epoch += 1;
      flights.forgetAll();
      cache.clear();
    },
    stats: () => ({
      ...counts,
      entries: cache.size(),
      inFlight: flights.size(),
      circuit: circuit.isOpen() ? 'open' : 'closed',
    }),
  };
  const meter = registry && meterVerifier(registry, verifier.stats);
  return verifier;
};
