import {
  em,
  generated,
  integer,
  safeInteger,
  table,
  text,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';

export const accountGroups = table('account_group', { id: generated(integer()), name: text() }, { primary: ['id'] });
export const groupMembers = table(
  'group_member',
  { accountId: safeInteger(), groupId: integer() },
  { primary: ['accountId', 'groupId'] },
);
export type Group = Row<typeof accountGroups>;

export const listGroups = (q: Queryable): Promise<Group[]> => em(q).find(accountGroups, { order: { id: 'asc' } });
/** The group of this name; creates it when it is missing. */
export const ensureGroup = async (tx: Tx, name: string): Promise<Group> => {
  await em(tx).createQueryBuilder().insert().into(accountGroups).values({ name }).orIgnore().execute();
  return em(tx).findOneByOrFail(accountGroups, { name });
};
/** Does nothing for somebody who is a member already. */
export const insertMember = async (tx: Tx, accountId: number, groupId: number): Promise<void> => {
  await em(tx).createQueryBuilder().insert().into(groupMembers).values({ accountId, groupId }).orIgnore().execute();
};
/** @returns false when the account is not a member of a group of this name */
export const deleteMember = async (tx: Tx, accountId: number, groupName: string): Promise<boolean> => {
  const group = await em(tx).findOneBy(accountGroups, { name: groupName });
  if (!group) return false;
  const { affected } = await em(tx).delete(groupMembers, { accountId, groupId: group.id });
  return affected === 1;
};
