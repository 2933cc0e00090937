import type { IdentityRequest } from '../../ctx.js';
import { listUsers, type ListedUser } from '../store/users.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import { isUuid } from '../../access/domain/uuids.js';
import { bad, notFound } from '../../access/domain/errors.js';

/** Groups as v3 shows them: their ids are text. */
export interface ShownGroup {
  id: string;
  name: string;
}
export const groups = async (ctx: IdentityRequest): Promise<ShownGroup[]> =>
  [...(await ctx.directory.get()).groups].map(([id, name]) => ({ id: String(id), name }));
/** @throws not_found group.absent */
export const groupById = async (ctx: IdentityRequest, id: string): Promise<ShownGroup> => {
  const found = (await groups(ctx)).find((g) => g.id === id);
  if (!found) throw notFound('group.absent');
  return found;
};
/** @throws not_found user.absent */
export const groupsOfUser = async (ctx: IdentityRequest, uuid: string): Promise<ShownGroup[]> => {
  const { groups: names } = await accountByUuid(ctx.db, uuid);
  return (await groups(ctx)).filter((g) => names.includes(g.name));
};
export interface UserFilter {
  limit: number;
  marker?: string | undefined;
  name?: string | undefined;
  enabled?: boolean | undefined;
  group?: number | undefined;
}
/** A page of users in the order in which they came, one more than asked for. @throws invalid marker.unknown */
export const usersPage = async (ctx: IdentityRequest, { limit, ...filter }: UserFilter): Promise<ListedUser[]> => {
  const { marker } = filter;
  const found =
    marker !== undefined && !isUuid(marker) ? undefined : await listUsers(ctx.db, { ...filter, limit: limit + 1 });
  if (!found) throw bad('marker.unknown');
  return found;
};
