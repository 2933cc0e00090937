import type { TokenRecord } from '../store/token-records.js';

/**
 * Finds tokens: in a cache of a few seconds, else in the database, by one query for all that are asked for in one turn
 * of the event loop. Only live tokens are cached; changes invalidate them (changes.ts).
 */
export interface TokenLookup {
  /** From the cache only. */
  peek(token: string): TokenRecord | undefined;
  find(token: string): Promise<TokenRecord | undefined>;
  /** Drops the entries named by a key of changes.ts. */
  forget(key: string): void;
  /** Writes when tokens were last used. @returns how many were written */
  flush(): Promise<number>;
}
