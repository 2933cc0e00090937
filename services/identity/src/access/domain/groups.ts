import type { Tx } from '@nefos/service-kit';
import { deleteMember, ensureGroup, insertMember, listGroups, type Group } from '../store/groups.js';

export { listGroups };

/** The group `default`, of every user who was accepted (contract identity §8.1). */
const DEFAULT_GROUP = 1;
/** Makes the user a member of the group of this name, which is made when it is missing. */
export const joinGroup = async (tx: Tx, accountId: number, name: string): Promise<Group> => {
  const group = await ensureGroup(tx, name);
  await insertMember(tx, accountId, group.id);
  return group;
};
export const joinDefaultGroup = (tx: Tx, accountId: number): Promise<number> =>
  insertMember(tx, accountId, DEFAULT_GROUP);
/** @returns false when the user is not a member */
export const leaveGroup = async (tx: Tx, accountId: number, name: string): Promise<boolean> =>
  (await deleteMember(tx, accountId, name)) > 0;
