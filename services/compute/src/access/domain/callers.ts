import type { Queryable } from '@nefos/service-kit';
import { LRUCache } from 'lru-cache';
import { findCaller, type CallerRow } from '../store/callers.js';

export { notifyCaller } from '../store/callers.js';

/** The portal user behind a request. */
export interface Caller extends Omit<CallerRow, 'revoked'> {
  /** Whether the token is of a restricted application credential. */
  restricted?: true;
}
/** Portal users by identity uuid and token, for a few seconds; dropped when one changes, here or in another process. */
export interface Callers {
  /** undefined: no such user; 'revoked': the token was deleted here, whatever identity's cache still says. */
  find(q: Queryable, uuid: string, auditId: string | undefined): Promise<Caller | 'revoked' | undefined>;
  drop(uuid: string): void;
}

const KEEP_MS = 5000;
const MAX_USERS = 10_000;
const MAX_TOKENS_PER_USER = 50;

export const createCallers = (): Callers => {
  const cache = new LRUCache<string, Map<string, Caller | 'revoked'>>({ max: MAX_USERS, ttl: KEEP_MS });
  // What was read before a drop must not be remembered after it.
  let drops = 0;
  return {
    find: async (q, uuid, auditId = '') => {
      const found = cache.get(uuid)?.get(auditId);
      if (found) return found;
      const dropsBefore = drops;
      const row = await findCaller(q, uuid, auditId);
      if (!row) return undefined;
      const { revoked, ...user } = row;
      const caller = revoked ? ('revoked' as const) : user;
      if (drops === dropsBefore) {
        const tokens = cache.get(uuid) ?? new Map<string, Caller | 'revoked'>();
        if (tokens.size < MAX_TOKENS_PER_USER) tokens.set(auditId, caller);
        if (!cache.has(uuid)) cache.set(uuid, tokens);
      }
      return caller;
    },
    drop: (uuid) => {
      drops += 1;
      cache.delete(uuid);
    },
  };
};
