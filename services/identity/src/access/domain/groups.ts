import type { Queryable, Tx } from '@nefos/service-kit';
import * as store from '../store/groups.js';
import type { Group } from '../store/groups.js';

/** The group `default`, of every user who was accepted (contract identity §8.1). */
const DEFAULT_GROUP = 1;
/** All groups, by id. */
export const listGroups = (q: Queryable): Promise<Group[]> => store.listGroups(q);
/** Makes the user a member of the group of this name; creates the group when it is missing. */
export const joinGroup = async (tx: Tx, accountId: number, name: string): Promise<Group> => {
  const group = await store.ensureGroup(tx, name);
  await store.insertMember(tx, accountId, group.id);
  return group;
};
export const joinDefaultGroup = (tx: Tx, accountId: number): Promise<void> =>
  store.insertMember(tx, accountId, DEFAULT_GROUP);
/** @returns false when the user is not a member */
export const leaveGroup = (tx: Tx, accountId: number, name: string): Promise<boolean> =>
  store.deleteMember(tx, accountId, name);
