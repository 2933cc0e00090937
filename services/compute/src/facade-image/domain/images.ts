import { Fault, notFound } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import { addMember, removeMember } from '../../catalog/domain/image-members.js';
import { changeImage, createImage, lockOwnImage, type NewImage } from '../../catalog/domain/images.js';
import type { ComputeRequest } from '../../ctx.js';
import { inOne } from '../../facade/domain/in-one.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { projectOfWire } from '../../facade/project-ids.js';
import type { KeysetPage, KeysetRequest } from '../../lists/keyset.js';
import { UUID } from '../../lists/uuid.js';
import { shareLockHold } from '../../owners/domain/owners.js';
import { refusal } from '../../refusals.js';
import * as store from '../store/images.js';
import type { ImageRow, ImageScope, MemberRow } from '../store/images.js';

export { isImageSortKey } from '../store/images.js';
export type { ImageRow, ImageScope, MemberRow };

export const listImages = (
  ctx: ComputeRequest,
  request: KeysetRequest,
  seen: Omit<ImageScope, 'projectId'>,
): Promise<KeysetPage<ImageRow> | 'no_marker'> =>
  store.pageOfImages(dbOf(ctx), request, { ...seen, projectId: scopeOf(ctx).admin ? null : scopeOf(ctx).projectId });
/** By its id also what others offer to everybody, and what is shared and not yet accepted. @throws Fault not_found */
export const getImage = async (ctx: ComputeRequest, id: string): Promise<ImageRow> => {
  const { admin, projectId } = scopeOf(ctx);
  const found = UUID.test(id) ? await store.findImage(dbOf(ctx), id, admin ? null : projectId) : undefined;
  if (!found) throw notFound();
  return found;
};
/** Of an administrator without a client's project the image is the cloud's own. @throws Fault as `createImage` */
export const makeImage = async (ctx: ComputeRequest, image: NewImage, hidden: boolean): Promise<ImageRow> => {
  const { clientId, admin } = scopeOf(ctx);
  if (clientId === null && !admin) throw new Fault('forbidden', 'facade.no_client');
  const id = await inOne(ctx, async (joint) => {
    const made = await createImage(
      joint,
      admin ? { ...image, client: clientId } : image,
      admin ? undefined : String(clientId),
    );
    if (hidden) await changeImage(joint, made.id, { hidden });
    return made.id;
  });
  return getImage(ctx, id);
};
export type ImageParts = Awaited<ReturnType<typeof lockOwnImage>>;
/**
 * Changes an image; what is changed by reading it first is locked in between.
 * @param how what there is to the changes; it may throw
 * @throws Fault as `changeImage`
 */
export const reviseImage = async (
  ctx: ComputeRequest,
  id: string,
  how: (before: ImageParts) => Parameters<typeof changeImage>[2],
): Promise<ImageRow> => {
  await getImage(ctx, id);
  await inOne(ctx, (joint) =>
    dbOf(joint).transaction(async (tx) => {
      await changeImage(joint, id, how(await lockOwnImage(joint, tx, id)));
    }),
  );
  return getImage(ctx, id);
};

/** Whose image it is sees all members, others themselves. @throws Fault not_found */
export const membersOf = async (ctx: ComputeRequest, id: string): Promise<MemberRow[]> => {
  const image = await getImage(ctx, id);
  const { admin, projectId } = scopeOf(ctx);
  const owns = admin || image.projectId === projectId;
  if (image.visibility === 'public' && !owns) throw notFound();
  return store.listMemberRows(dbOf(ctx), id, owns ? null : projectId);
};
/** @param member as the path names it @throws Fault not_found */
export const memberOf = async (ctx: ComputeRequest, id: string, member: string): Promise<MemberRow> => {
  const project = projectOfWire(member);
  const found = (await membersOf(ctx, id)).find(({ projectId }) => projectId === project);
  if (!found) throw notFound();
  return found;
};
/** The project has to accept it, before its lists show it. @throws Fault as `addMember`; conflict: it is one already */
export const shareWith = async (ctx: ComputeRequest, id: string, member: string): Promise<MemberRow> => {
  await getImage(ctx, id);
  const projectId = projectOfWire(member);
  if (projectId === undefined)
    throw new Fault('invalid', 'facade.refused', { message: `${member} is no id of a project.` });
  await inOne(ctx, (joint) =>
    dbOf(joint).transaction(async (tx) => {
      await lockOwnImage(joint, tx, id);
      const [known] = await store.listMemberRows(tx, id, projectId);
      await addMember(joint, id, projectId);
      if (known)
        throw new Fault('conflict', 'facade.refused', {
          message: `Image ${id} is already shared with project ${member}.`,
        });
      await store.setMemberStatus(tx, { imageId: id, projectId, status: 'pending' });
    }),
  );
  return memberOf(ctx, id, member);
};
/** By the project itself. @throws Fault not_found, forbidden, forbidden/client.suspended */
export const answerShare = async (
  ctx: ComputeRequest,
  id: string,
  { member, status }: { member: string; status: string },
): Promise<MemberRow> => {
  const { projectId } = await memberOf(ctx, id, member);
  if (projectId !== scopeOf(ctx).projectId && !scopeOf(ctx).admin) throw new Fault('forbidden', 'facade.policy');
  const { clientId, admin } = scopeOf(ctx);
  await dbOf(ctx).transaction(async (tx) => {
    if (!admin && clientId !== null && (await shareLockHold(tx, clientId)))
      throw refusal('forbidden', 'client.suspended');
    await store.setMemberStatus(tx, { imageId: id, projectId, status });
  });
  return memberOf(ctx, id, member);
};
/** @throws Fault not_found, forbidden */
export const endShare = async (ctx: ComputeRequest, id: string, member: string): Promise<void> => {
  const { projectId } = await memberOf(ctx, id, member);
  await removeMember(ctx, id, projectId);
};
