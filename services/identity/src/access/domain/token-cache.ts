import { LRUCache } from 'lru-cache';
import type { Settings } from '../../config.js';
import { isLive, type TokenRecord } from './tokens.js';

/** Live tokens in memory, by key. */
export interface TokenCache {
  get(key: string): TokenRecord | undefined;
  /**
   * Keeps a live token for its few seconds.
   * @param readAt when the database was asked, by performance.now(): the record may be as old as that, so its life
   * counts from there
   */
  add(token: TokenRecord, readAt: number): void;
  /** Drops the entries named by a key of changes.ts. */
  forget(key: string): void;
}

const holderOf = (t: TokenRecord): string => (t.user ? `account:${t.user.id}` : `component:${t.component?.id ?? 0}`);

/** Without a cache every token is looked up in the database. */
const noCache: TokenCache = { get: () => undefined, add: () => undefined, forget: () => undefined };
export const makeTokenCache = ({
  cacheSeconds,
  cacheSize,
}: Pick<Settings, 'cacheSeconds' | 'cacheSize'>): TokenCache => {
  if (cacheSeconds === 0) return noCache;
  const longestMs = cacheSeconds * 1000;
  const keysByHolder = new Map<string, Set<string>>();
  const cache = new LRUCache<string, TokenRecord>({
    max: cacheSize,
    ttl: longestMs,
    dispose: (token, key) => {
      const holder = holderOf(token);
      const keys = keysByHolder.get(holder);
      keys?.delete(key);
      if (!keys?.size) keysByHolder.delete(holder);
    },
  });
  return {
    get: (key) => cache.get(key),
    add: (token, readAt) => {
      if (!isLive(token)) return;
      cache.set(token.key, token, { ttl: Math.max(1, Math.min(longestMs, token.leftMs ?? Infinity)), start: readAt });
      // After `set`, which disposes of an older record of this token, and so may remove the set of its holder.
      const holder = holderOf(token);
      let keys = keysByHolder.get(holder);
      if (!keys) keysByHolder.set(holder, (keys = new Set()));
      keys.add(token.key);
    },
    forget: (key) => {
      if (key === 'all') cache.clear();
      else if (key.startsWith('token:')) cache.delete(key.slice(6));
      else for (const one of [...(keysByHolder.get(key) ?? [])]) cache.delete(one);
    },
  };
};
