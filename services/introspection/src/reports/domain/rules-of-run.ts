import type { Db } from '@nefos/service-kit';
import type { AnyRule } from '../../rules/domain/apply-rules.js';
import { rulesInForce } from '../../rules/domain/rules.js';

const kept = new WeakMap<Db, { version: string; rules: readonly AnyRule[] }>();
/**
 * The rules of now, in their order.
 * @param version of all rules, as it was read with what they are for: as long as it stays they are not read again
 */
export const currentRules = async (db: Db, version?: string): Promise<readonly AnyRule[]> => {
  const before = kept.get(db);
  if (version !== undefined && before?.version === version) return before.rules;
  const rules = await rulesInForce(db);
  if (version !== undefined) kept.set(db, { version, rules });
  return rules;
};
