import { wholeNumber } from '@nefos/contracts';
import { invalid } from '@nefos/service-kit';
import type { User } from './users.js';

export const notAnInteger = (field: string) => ({
  path: [field],
  rule: 'text',
  values: { text: `${field} must be an integer.` },
});
/** @throws Fault invalid */
const userIdOf = (text: string): number => {
  const id = wholeNumber(text);
  if (id === undefined) throw invalid([notAnInteger('user_id')]);
  return id;
};

/** Whose rows are meant: one user's, or everybody's. */
export type Scope = number | 'all';
/** A user sees own rows; a superuser all, or one user's. `user_id` is the superuser's alone: others' is not even looked at (contract metering §5, §7). */
export const ownOr = (caller: User, userId: string | undefined): Scope =>
  !caller.isSuperuser ? caller.id : userId === undefined ? 'all' : userIdOf(userId);
/** `user_id` narrows for everybody: another's id leaves a user nothing (contract metering §6). */
export const narrowed = (caller: User, userId: string | undefined): Scope => {
  const wanted = userId === undefined ? undefined : userIdOf(userId);
  if (caller.isSuperuser) return wanted ?? 'all';
  return wanted === undefined || wanted === caller.id ? caller.id : NOBODY;
};
/** No user has this id. */
const NOBODY = -1;
