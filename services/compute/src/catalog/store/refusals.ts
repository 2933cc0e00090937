import { invalid, violates } from '@nefos/service-kit';
import { refusal } from '../../refusals.js';

// What the database refuses, as faults: handlers for `.catch` of a write.

/** @throws Fault invalid: the field must be unique, when that is why; else the error */
export const unlessTaken =
  (constraint: string, field: string) =>
  (err: unknown): never => {
    throw violates(err, constraint) ? invalid([{ path: [field], rule: 'unique' }]) : err;
  };

interface Refused {
  code?: string;
  table?: string;
}
const FOREIGN_KEY = '23503';
const CHECK = '23514';
/** The table whose rows keep a row from being deleted. */
const referrer = (err: unknown): string | undefined => {
  const { code, table } = ((err as { driverError?: Refused }).driverError ?? err) as Refused;
  // A deleted instance loses the reference, any other must have it: that is its check.
  return code === FOREIGN_KEY || (code === CHECK && table === 'instance') ? table : undefined;
};
/** @throws Fault conflict/catalog.in_use when rows of another table refer to it; else the error */
export const unlessUsed =
  (thing: string) =>
  (err: unknown): never => {
    const table = referrer(err);
    throw table === undefined
      ? err
      : refusal('conflict', 'catalog.in_use', { thing, users: `${table.replaceAll('_', ' ')}s` });
  };
