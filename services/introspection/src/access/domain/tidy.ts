import type { Db } from '@nefos/service-kit';
import { deleteOldAuditRecords } from '../store/audit.js';
import { deleteOldKeys } from '../store/idempotency-keys.js';

const AUDIT_DAYS = 365;
const KEY_HOURS = 24;
const all = async (work: () => Promise<number>): Promise<number> => {
  let total = 0;
  for (;;) {
    const some = await work();
    if (!some) return total;
    total += some;
  }
};
/** Drops records and keys that are old. @returns how many of each */
export const tidyAccess = async ({ db }: { db: Db }): Promise<{ records: number; keys: number }> => ({
  records: await all(() => deleteOldAuditRecords(db, AUDIT_DAYS)),
  keys: await all(() => deleteOldKeys(db, KEY_HOURS)),
});
