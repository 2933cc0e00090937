import type { Db, Metrics } from '@nefos/service-kit';
import type { Settings } from '../../config.js';
import { findTokens } from '../store/token-records.js';
import { touchTokens } from '../store/tokens.js';
import { makeBatches } from './token-batches.js';
import { makeTokenCache } from './token-cache.js';
import { hashOf, keyOf, paddingLength } from './token-form.js';
import type { TokenLookup } from './token-lookup.js';
import type { TokenRecord } from './tokens.js';

/** No token is longer, in characters. */
const MAX_TOKEN_LENGTH = 512;
/** How many used tokens are remembered between two writes. */
const MAX_PENDING = 500_000;
const WRITE_BATCH = 1000;

/** Remembers which tokens were used, until that is written. */
const makeUsage = (db: Db): { note: (key: string) => void; flush: () => Promise<number> } => {
  let used = new Set<string>();
  return {
    note: (key) => {
      if (used.size < MAX_PENDING) used.add(key);
    },
    flush: async () => {
      const hashes = [...used].map(hashOf);
      used = new Set();
      let written = 0;
      for (let i = 0; i < hashes.length; i += WRITE_BATCH)
        written += await touchTokens(db, hashes.slice(i, i + WRITE_BATCH));
      return written;
    },
  };
};

/** The look-up of tokens: cache, batches, and the note of what was used. */
export const makeTokenLookup = (
  db: Db,
  settings: Pick<Settings, 'cacheSeconds' | 'cacheSize' | 'adminGroups'>,
  metrics: Metrics,
): TokenLookup => {
  const lookups = metrics.counter('nefos_identity_token_lookups_total', 'Tokens looked for, by where they were found', [
    'from',
  ]);
  const [hit, miss] = [lookups.labels('memory'), lookups.labels('database')];
  const cache = makeTokenCache(settings);
  const usage = makeUsage(db);
  // Counts invalidations: what was read before one must not be cached after it.
  let generation = 0;
  const findInDatabase = makeBatches(async (keys) => {
    const [before, readAt] = [generation, performance.now()];
    const tokens = await findTokens(db, keys, settings.adminGroups);
    if (before === generation) for (const token of tokens) cache.add(token, readAt);
    return tokens;
  });
  /** The record, unless the padding of the presented token is wrong; notes its use. */
  const accept = (record: TokenRecord | undefined, presented: string): TokenRecord | undefined => {
    const pad = paddingLength(presented);
    if (!record || (pad !== 0 && pad !== record.pad)) return undefined;
    usage.note(record.key);
    return record;
  };
  return {
    peek: (token) => {
      if (token.length > MAX_TOKEN_LENGTH) return undefined;
      const record = cache.get(keyOf(token));
      if (record) hit.inc();
      return accept(record, token);
    },
    find: async (token) => {
      if (token.length > MAX_TOKEN_LENGTH) return undefined;
      const key = keyOf(token);
      const cached = cache.get(key);
      (cached ? hit : miss).inc();
      return accept(cached ?? (await findInDatabase(key)), token);
    },
    forget: (key) => {
      generation += 1;
      cache.forget(key);
    },
    flush: () => usage.flush(),
  };
};
