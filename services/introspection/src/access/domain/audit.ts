import type { Principal } from '@nefos/contracts';
import type { Queryable } from '@nefos/service-kit';
import { insertAuditRecord } from '../store/audit.js';

/** Who acts where no request does. */
export const SYSTEM = 'nefos-introspection';
/** The name of a caller in the records. */
export const actorOf = (principal: Pick<Principal, 'uuid'> | null | undefined): string => principal?.uuid ?? SYSTEM;
export interface Deed {
  /** See `actorOf`. */
  actor: string;
  /** Noun and verb: `introspection.start`, `bmc.power_off`. */
  operation: string;
  nodeUuid: string | null;
  /** `accepted`, `done`, or the code of a refusal. */
  result: string;
  /** Facts without secrets. */
  details?: Record<string, string | number | boolean | null>;
}
/** Keeps a record of who did what to which machine (contract introspection §1.4). */
export const record = async (q: Queryable, { details = {}, ...deed }: Deed): Promise<void> =>
  insertAuditRecord(q, { ...deed, details });
