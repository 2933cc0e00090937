import { notFound } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { deleteGroup, findGroup, groupList, insertGroup, updateGroup, type GroupRow } from '../store/groups.js';
import { selectPage } from '../../lists/select-page.js';
import { planList, readListQuery, type Page } from '../../lists/list-query.js';

export type { GroupRow };
type Query = Readonly<Record<string, unknown>>;
export const listGroups = (ctx: ComputeCtx, query: Query): Promise<Page<GroupRow>> =>
  selectPage<GroupRow>(dbOf(ctx), planList(groupList, readListQuery(groupList, query)));
const found = (group: GroupRow | undefined): GroupRow => {
  if (!group) throw notFound('client_group.not_found');
  return group;
};
export const getGroup = async (ctx: ComputeCtx, id: number): Promise<GroupRow> => found(await findGroup(dbOf(ctx), id));
export const createGroup = (ctx: ComputeCtx, group: Omit<GroupRow, 'id'>): Promise<GroupRow> =>
  dbOf(ctx).transaction((tx) => insertGroup(tx, group));
export const changeGroup = (
  ctx: ComputeCtx,
  id: number,
  changes: { name?: string | undefined; description?: string | undefined; is_default?: boolean | undefined },
): Promise<GroupRow> => dbOf(ctx).transaction(async (tx) => found(await updateGroup(tx, id, changes)));
export const removeGroup = (ctx: ComputeCtx, id: number): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    if (!(await deleteGroup(tx, id))) throw notFound('client_group.not_found');
  });
