import type { TokenRecord } from '../store/tokens.js';

/**
 * Finds tokens: in memory for a few seconds, else in the database, all of one turn of the event loop in one query.
 * Only tokens that are good in every respect are kept; whoever changes something says so (changes.ts).
 */
export interface TokenLookup {
  /** From memory only. */
  peek(token: string): TokenRecord | undefined;
  find(token: string): Promise<TokenRecord | undefined>;
  forget(what: string): void;
  /** Writes when tokens were last used. */
  flush(): Promise<number>;
}
