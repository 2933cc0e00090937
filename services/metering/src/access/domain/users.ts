import type { Principal } from '@nefos/contracts';
import type { Db } from '@nefos/service-kit';
import { LRUCache } from 'lru-cache';
import { findUserByIdentity, findUserByNumber, insertSuperusers, insertUser, type User } from '../store/users.js';

export type { User };
/**
 * The user behind a request, remembered for seconds: a request seldom reads, and almost never writes, to know its
 * user.
 */
export interface Users {
  of(principal: Principal): Promise<User>;
}

const MEMORY = { max: 10_000, ttl: 5_000 };

/**
 * The first request with an account number makes its user; of many first requests at once, one makes it (contract
 * metering §2).
 */
const byNumber = async (db: Db, number: string): Promise<User> =>
  (await findUserByNumber(db, number)) ?? (await insertUser(db, number));

/**
 * A trusted header names the account number. A person's token stands for the accounts that compute has linked to the
 * person, the oldest user first; a person without such an account has a user of their own.
 */
export const createUsers = (db: Db): Users => {
  const known = new LRUCache<string, User>(MEMORY);
  return {
    of: async ({ via, uuid }) => {
      const byHeader = via === 'rh-identity';
      const key = `${byHeader ? 'number' : 'uuid'}:${uuid}`;
      const linked = async (): Promise<User | undefined> => (byHeader ? undefined : await findUserByIdentity(db, uuid));
      const user = known.get(key) ?? (await linked()) ?? (await byNumber(db, uuid));
      known.set(key, user);
      return user;
    },
  };
};

/** Makes the superusers that must exist; one that is there as an ordinary user stays one. */
export const makeSuperusers = (db: Db, numbers: readonly string[]): Promise<void> => insertSuperusers(db, numbers);
