import { notFound } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import {
  deleteGroup,
  findGroup,
  insertGroup,
  pageOfGroups,
  updateGroup,
  type Group,
  type GroupChanges,
} from '../store/groups.js';

export type { Group };
/** @throws Fault not_found/page, invalid/filter */
export const listGroups = (ctx: ComputeCtx, query: Query): Promise<Page<Group>> => pageOfGroups(dbOf(ctx), query);
const demand = (group: Group | null): Group => {
  if (!group) throw notFound('client_group.not_found');
  return group;
};
/** @throws Fault not_found */
export const getGroup = async (ctx: ComputeCtx, id: number): Promise<Group> => demand(await findGroup(dbOf(ctx), id));
/** @throws Fault invalid: the name is taken */
export const createGroup = (ctx: ComputeCtx, group: Omit<Group, 'id'>): Promise<Group> =>
  dbOf(ctx).transaction((tx) => insertGroup(tx, group));
/** @throws Fault not_found; invalid: the name is taken */
export const changeGroup = (ctx: ComputeCtx, id: number, changes: GroupChanges): Promise<Group> =>
  dbOf(ctx).transaction(async (tx) => demand(await updateGroup(tx, id, changes)));
/** @throws Fault not_found */
export const removeGroup = (ctx: ComputeCtx, id: number): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    if (!(await deleteGroup(tx, id))) throw notFound('client_group.not_found');
  });
