import type { Principal } from '@nefos/contracts';
import type { CachedToken, TokenCache } from './token-cache.js';
import type { VerifierEvent, VerifierUnavailable } from './verifier-options.js';

/**
 * Milliseconds between two reports of grace for one token: an outage under load must not flood the log that explains
 * it.
 */
const REPORT_EVERY_MS = 10_000;

export interface GraceAnswerOptions {
  /** How long a new answer is waited for. */
  slowMs: number;
  cache: TokenCache;
  ask: (key: string, token: string, requestId: string | undefined) => Promise<Principal | null>;
  /** When the open question about this token was sent. */
  since: (key: string) => number | undefined;
  unavailable: (cause?: unknown) => VerifierUnavailable;
  onUse: () => void;
  report: (event: VerifierEvent) => void;
  now: () => number;
}
export interface GraceAnswers {
  /** Uses an old answer; null: the token has expired meanwhile. */
  use(entry: CachedToken): Principal | null;
  /**
   * Waits `slowMs` for a new answer, counted from when the question was sent, then uses the old one.
   * @throws VerifierUnavailable when there is neither
   */
  askOrUse(key: string, token: string, requestId: string | undefined): Promise<Principal | null>;
}
/** Grace: old answers are used while identity is slow or down. */
export const createGraceAnswers = ({
  slowMs,
  cache,
  ask,
  since,
  unavailable,
  onUse,
  report,
  now,
}: GraceAnswerOptions): GraceAnswers => {
  const use = (entry: CachedToken): Principal | null => {
    const { principal, confirmedAt, expiresAt } = entry;
    const at = now();
    if (at >= expiresAt) return null;
    onUse();
    if (at - entry.reportedAt >= REPORT_EVERY_MS) {
      entry.reportedAt = at;
      report({ type: 'grace', uuid: principal.uuid, auditId: principal.auditId, age: (at - confirmedAt) / 1000 });
    }
    return principal;
  };
  return {
    use,
    askOrUse: (key, token, requestId) =>
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
          // Looked up again: it may have been forgotten meanwhile.
          const old = cache.peek(key);
          if (old) resolve(use(old));
          else reject(unavailable(err));
        };
        const begun = since(key) ?? now();
        const timer = setTimeout(settle, Math.max(0, slowMs - (now() - begun)));
        ask(key, token, requestId).then(settle, (err: unknown) => settle(undefined, err));
      }),
  };
};
