import { wholeNumber } from '@nefos/contracts';
import { invalid } from '@nefos/service-kit';
import type { Scope } from '../scope.js';
import { NOT_AN_INTEGER } from '../field-rules.js';
import type { User } from './users.js';

export const notAnInteger = (field: string) => ({ path: [field], rule: NOT_AN_INTEGER });
/** @throws Fault invalid */
const userIdOf = (text: string): number => {
  const id = wholeNumber(text);
  if (id === undefined) throw invalid([notAnInteger('user_id')]);
  return id;
};

/**
 * A user sees own rows; a superuser sees all, or those of the user that `user_id` names. For others `user_id` is
 * ignored, even when it is no number (contract metering §5, §7).
 */
export const ownUnlessSuperuser = (caller: User, userId: string | undefined): Scope =>
  !caller.isSuperuser ? caller.id : userId === undefined ? 'all' : userIdOf(userId);
/** `user_id` narrows for everybody: with another's id a user sees nothing (contract metering §6). */
export const intersectWithOwn = (caller: User, userId: string | undefined): Scope => {
  const wanted = userId === undefined ? undefined : userIdOf(userId);
  if (caller.isSuperuser) return wanted ?? 'all';
  return wanted === undefined || wanted === caller.id ? caller.id : NOBODY;
};
/** No user has this id. */
const NOBODY = -1;
