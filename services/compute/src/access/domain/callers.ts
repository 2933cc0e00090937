import type { Queryable } from '@nefos/service-kit';
import { LRUCache } from 'lru-cache';
import { findCaller, type CallerRow } from '../store/callers.js';

export { notifyCaller } from '../store/callers.js';

/** The portal user behind a request. */
export interface Caller {
  userId: number;
  uuid: string;
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  staff: boolean;
  superuser: boolean;
  active: boolean;
  /** Clients the user belongs to, in the order in which that began: the first is the default. */
  clientIds: readonly number[];
  /** Whether the token may only read, by what the portal noted. */
  readOnly: boolean;
  /** Whether the token is of a restricted application credential. */
  restricted?: true;
}
/** Portal users by identity uuid and token, for a few seconds; dropped when one changes, here or in another process. */
export interface Callers {
  /** undefined: no such user; 'revoked': the token was deleted here, whatever identity's cache still says. */
  find(q: Queryable, uuid: string, auditId: string | undefined): Promise<Caller | 'revoked' | undefined>;
  drop(uuid: string): void;
}

const seen = (row: CallerRow): Caller => ({
  userId: row.id,
  uuid: row.uuid,
  username: row.username,
  email: row.email,
  firstName: row.first_name,
  lastName: row.last_name,
  staff: row.is_staff,
  superuser: row.is_superuser,
  active: row.is_active,
  clientIds: row.client_ids,
  readOnly: row.read_only,
});
const KEEP_MS = 5000;

export const createCallers = (): Callers => {
  const known = new LRUCache<string, Map<string, Caller | 'revoked'>>({ max: 10_000, ttl: KEEP_MS });
  // A look that began before a drop must not be remembered after it.
  let drops = 0;
  return {
    find: async (q, uuid, auditId = '') => {
      const found = known.get(uuid)?.get(auditId);
      if (found) return found;
      const before = drops;
      const row = await findCaller(q, uuid, auditId);
      if (!row) return undefined;
      const caller = row.revoked ? ('revoked' as const) : seen(row);
      if (drops === before) {
        const mine = known.get(uuid) ?? new Map<string, Caller | 'revoked'>();
        if (mine.size < 50) mine.set(auditId, caller);
        if (!known.has(uuid)) known.set(uuid, mine);
      }
      return caller;
    },
    drop: (uuid) => {
      drops += 1;
      known.delete(uuid);
    },
  };
};
