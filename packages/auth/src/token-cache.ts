import type { Principal } from '@nefos/contracts';
import { LRUCache } from 'lru-cache';

/** A good token, as identity last confirmed it. Times in milliseconds since 1970. */
export interface CachedToken {
  principal: Principal;
  /** When the request was sent that confirmed it. */
  confirmedAt: number;
  expiresAt: number;
  /** When its use in grace was last reported. */
  reportedAt: number;
}
/** What identity answered lately. A key is the SHA-256 of a token. */
export interface TokenCache {
  /** A good token, which counts as used. */
  get: (key: string) => CachedToken | undefined;
  /** The same, without counting as used. */
  peek: (key: string) => CachedToken | undefined;
  /** When identity last refused the token. */
  refusedAt: (key: string) => number | undefined;
  /**
   * Keeps an answer to a request sent at `at`; an expired token counts as refused.
   * @returns the principal, or null for a refusal
   */
  keep: (key: string, principal: Principal | null, at: number) => Principal | null;
  /** Remembers that the token was refused at `at`; the verifier decides for how long. */
  refuse: (key: string, at: number) => void;
  drop: (key: string) => void;
  keyOfAuditId: (auditId: string) => string | undefined;
  clear: () => void;
  size: () => number;
}

/** Refused tokens remembered at most. */
const MOST_REFUSED = 10_000;

export const createTokenCache = (maxEntries: number, now: () => number): TokenCache => {
  const keys = new Map<string, string>();
  const good = new LRUCache<string, CachedToken>({
    max: maxEntries,
    dispose: ({ principal: { auditId } }, key) => {
      if (auditId !== undefined && keys.get(auditId) === key) keys.delete(auditId);
    },
  });
  // Apart from the good ones, so that random tokens of an attacker do not displace those.
  const refused = new LRUCache<string, number>({ max: Math.min(maxEntries, MOST_REFUSED) });
  const refuse = (key: string, at: number): void => {
    good.delete(key);
    refused.set(key, at);
  };
  return {
    get: (key) => good.get(key),
    peek: (key) => good.peek(key),
    refusedAt: (key) => refused.get(key),
    keep: (key, principal, at) => {
      const expiresAt = principal?.tokenExpires === undefined ? Infinity : Date.parse(principal.tokenExpires);
      // `!(a > b)`: an expiry that can not be read is NaN, and counts as expired.
      if (!principal || !(expiresAt > now())) {
        refuse(key, at);
        return null;
      }
      refused.delete(key);
      good.set(key, { principal: Object.freeze(principal), confirmedAt: at, expiresAt, reportedAt: -Infinity });
      if (principal.auditId !== undefined) keys.set(principal.auditId, key);
      return principal;
    },
    refuse,
    drop: (key) => {
      good.delete(key);
      refused.delete(key);
    },
    keyOfAuditId: (auditId) => keys.get(auditId),
    clear: () => {
      good.clear();
      refused.clear();
    },
    size: () => good.size,
  };
};
