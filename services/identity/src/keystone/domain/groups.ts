import { notFound } from '../../access/domain/errors.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';

/** A group as Keystone has it: its id is text. */
export interface KeystoneGroup {
  id: string;
  name: string;
}
export const groups = async (ctx: IdentityCtx): Promise<KeystoneGroup[]> =>
  [...(await ctx.directory.get()).groups].map(([id, name]) => ({ id: String(id), name }));
/** @throws not_found group.absent */
export const groupById = async (ctx: IdentityCtx, id: string): Promise<KeystoneGroup> => {
  const group = (await groups(ctx)).find((g) => g.id === id);
  if (!group) throw notFound('group.absent');
  return group;
};
/** @throws not_found user.absent */
export const groupsOfUser = async (ctx: IdentityRequest, uuid: string): Promise<KeystoneGroup[]> => {
  const { groups: names } = await accountByUuid(ctx.db, uuid);
  return (await groups(ctx)).filter((g) => names.includes(g.name));
};
/** On v2.0 a user has roles in the own system project alone. @throws not_found user.absent, project.absent */
export const groupsOfUserInTenant = async (
  ctx: IdentityRequest,
  userUuid: string,
  tenant: string,
): Promise<KeystoneGroup[]> => {
  const held = await groupsOfUser(ctx, userUuid);
  if (tenant !== userUuid) throw notFound('project.absent');
  return held;
};
/** @throws not_found group.absent, user.absent, group.not_member */
export const demandMember = async (ctx: IdentityRequest, groupId: string, userUuid: string): Promise<void> => {
  const { id } = await groupById(ctx, groupId);
  if (!(await groupsOfUser(ctx, userUuid)).some((g) => g.id === id)) throw notFound('group.not_member');
};
