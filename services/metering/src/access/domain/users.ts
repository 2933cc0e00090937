import type { Principal } from '@nefos/contracts';
import type { Db } from '@nefos/service-kit';
import { LRUCache } from 'lru-cache';
import { findUserByIdentity, findUserByNumber, insertUser, insertSuperusers } from '../store/users.js';

/** A metering user. `id` is what the wire calls `user_id`; superusers are made by the operator alone. */
export interface User {
  id: number;
  accountNumber: string;
  isSuperuser: boolean;
}
/** Who asks, remembered for seconds: a request does not write, and seldom reads, to know its user. */
export interface Users {
  of(principal: Principal): Promise<User>;
}

const REMEMBERED = { max: 10_000, ttl: 5_000 };

/** First sight of an account number makes its user; of many first requests at once, one makes it (contract metering §2). */
const byNumber = async (db: Db, number: string): Promise<User> =>
  (await findUserByNumber(db, number)) ?? (await insertUser(db, number));

/**
 * A trusted header names the account number. A person's token stands for the accounts that compute told us of, the oldest user first;
 * a person whom no account names has a user of their own.
 */
export const createUsers = (db: Db): Users => {
  const known = new LRUCache<string, User>(REMEMBERED);
  return {
    of: async ({ via, uuid }) => {
      const key = `${via === 'rh-identity' ? 'number' : 'uuid'}:${uuid}`;
      const found =
        known.get(key) ??
        (via === 'rh-identity'
          ? await byNumber(db, uuid)
          : ((await findUserByIdentity(db, uuid)) ?? (await byNumber(db, uuid))));
      known.set(key, found);
      return found;
    },
  };
};

/** Makes the superusers that must exist; one that is there as an ordinary user stays one. */
export const makeSuperusers = (db: Db, numbers: readonly string[]): Promise<void> => insertSuperusers(db, numbers);
