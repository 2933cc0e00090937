import type { Db, Metrics } from '@nefos/service-kit';
import { LRUCache } from 'lru-cache';
import type { Settings } from '../../config.js';
import { findTokens, touchTokens } from '../store/tokens.js';
import { hashOf, keyOf, padOf } from './token-form.js';
import type { TokenLookup } from './token-lookup.js';
import { isLive, type TokenRecord } from './tokens.js';

const LONGEST = 512;
// Two, so that the database works on one batch while this process answers the other.
const QUERIES_AT_ONCE = 2;
// How long they may keep the next one waiting.
const PATIENCE_MS = 50;

type Waiting = Map<
  string,
  {
    promise: Promise<TokenRecord | undefined>;
    resolve: (found: TokenRecord | undefined) => void;
    reject: (err: unknown) => void;
  }
>;

export const makeTokenLookup = (
  db: Db,
  { cacheSeconds, cacheSize, adminGroups }: Pick<Settings, 'cacheSeconds' | 'cacheSize' | 'adminGroups'>,
  metrics: Metrics,
): TokenLookup => {
  const lookups = metrics.counter('nefos_identity_token_lookups_total', 'Tokens looked for, by where they were found', [
    'from',
  ]);
  const [hit, miss] = [lookups.labels('memory'), lookups.labels('database')];
  const byOwner = new Map<string, Set<string>>();
  const ownerOf = (t: TokenRecord): string => (t.user ? `account:${t.user.id}` : `component:${t.component?.id ?? 0}`);
  const cache =
    cacheSeconds === 0
      ? undefined
      : new LRUCache<string, TokenRecord>({
          max: cacheSize,
          ttl: cacheSeconds * 1000,
          dispose: (gone, key) => {
            const owner = ownerOf(gone);
            const keys = byOwner.get(owner);
            keys?.delete(key);
            if (!keys?.size) byOwner.delete(owner);
          },
        });
  /** `asked`: when, by performance.now(). What the database says may be as old as the question, so its few seconds count from there. */
  const keep = (t: TokenRecord, asked: number): void => {
    if (!cache || !isLive(t)) return;
    cache.set(t.key, t, { ttl: Math.max(1, Math.min(cacheSeconds * 1000, t.leftMs ?? Infinity)), start: asked });
    // After `set`: that disposes of an older record of the same token, and with it perhaps of its owner's set.
    const owner = ownerOf(t);
    let keys = byOwner.get(owner);
    if (!keys) byOwner.set(owner, (keys = new Set()));
    keys.add(t.key);
  };
  // An answer that was on its way while something was revoked must not be kept.
  let generation = 0;
  let waiting: Waiting | undefined;
  let flying = 0;
  let impatient: NodeJS.Timeout | undefined;
  // While queries are under way the next one gathers more tokens: under load few large queries cost much less than many small ones.
  const ask = (): void => {
    if (!waiting) return;
    if (flying >= QUERIES_AT_ONCE) impatient ??= setTimeout(launch, PATIENCE_MS);
    else launch();
  };
  const launch = (): void => {
    clearTimeout(impatient);
    impatient = undefined;
    const asked = waiting;
    const before = generation;
    const at = performance.now();
    if (!asked) return;
    waiting = undefined;
    flying += 1;
    findTokens(db, [...asked.keys()], adminGroups)
      .then(
        (rows) => {
          const found = new Map(rows.map((t) => [t.key, t]));
          for (const [key, one] of asked) {
            const t = found.get(key);
            if (t && before === generation) keep(t, at);
            one.resolve(t);
          }
        },
        (err: unknown) => {
          for (const one of asked.values()) one.reject(err);
        },
      )
      .finally(() => {
        flying -= 1;
        if (flying < QUERIES_AT_ONCE && waiting) launch();
      });
  };
  let used = new Set<string>();
  const taken = (t: TokenRecord | undefined, token: string): TokenRecord | undefined => {
    const pad = padOf(token);
    if (!t || (pad !== 0 && pad !== t.pad)) return undefined;
    if (used.size < 500_000) used.add(t.key);
    return t;
  };
  return {
    peek: (token) => {
      if (!cache || token.length > LONGEST) return undefined;
      const t = cache.get(keyOf(token));
      if (t) hit.inc();
      return taken(t, token);
    },
    find: async (token) => {
      if (token.length > LONGEST) return undefined;
      const key = keyOf(token);
      const kept = cache?.get(key);
      if (kept) {
        hit.inc();
        return taken(kept, token);
      }
      miss.inc();
      if (!waiting) {
        waiting = new Map();
        setImmediate(ask);
      }
      let one = waiting.get(key);
      if (!one) {
        let resolve!: (found: TokenRecord | undefined) => void;
        let reject!: (err: unknown) => void;
        const promise = new Promise<TokenRecord | undefined>((yes, no) => {
          resolve = yes;
          reject = no;
        });
        waiting.set(key, (one = { promise, resolve, reject }));
      }
      return taken(await one.promise, token);
    },
    forget: (what) => {
      generation += 1;
      if (what === 'all') cache?.clear();
      else if (what.startsWith('token:')) cache?.delete(what.slice(6));
      else for (const key of [...(byOwner.get(what) ?? [])]) cache?.delete(key);
    },
    flush: async () => {
      const keys = [...used];
      used = new Set();
      let written = 0;
      for (let i = 0; i < keys.length; i += 1000) written += await touchTokens(db, keys.slice(i, i + 1000).map(hashOf));
      return written;
    },
  };
};
