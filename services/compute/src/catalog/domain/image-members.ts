import { invalid, notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { listProjectIds, projectExists } from '../../owners/domain/owners.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { countMembers, deleteMember, insertMember, pageOfMembers, type ImageMember } from '../store/image-members.js';
import { lockOwnImage } from './images.js';

export type { ImageMember };
const PROJECT = /^[0-9a-f]{32}$/;
const MAX_MEMBERS = 1000;

/** Projects that the caller's image is shared with. @throws Fault not_found, forbidden, invalid/filter */
export const listMembers = (ctx: ComputeRequest, id: string, query: Query): Promise<Page<ImageMember>> =>
  dbOf(ctx).transaction(async (tx) => {
    await lockOwnImage(ctx, tx, id, { to: 'read' });
    return pageOfMembers(tx, id, query);
  });
/**
 * Of end users no project is looked up: whether an id is one is nobody's to learn.
 * @throws Fault not_found, forbidden, invalid, conflict/image.private, forbidden/image.members
 */
export const addMember = (ctx: ComputeRequest, id: string, project: string): Promise<ImageMember> =>
  dbOf(ctx).transaction(async (tx) => {
    const image = await lockOwnImage(ctx, tx, id);
    if (!PROJECT.test(project)) throw invalidValue(['project'], 'image.project_id');
    if (image.visibility === 'private') throw refusal('conflict', 'image.private');
    if (callerOf(ctx).staff && !(await projectExists(tx, project))) throw invalid([unknownKey(['project'], project)]);
    if ((await countMembers(tx, id)) >= MAX_MEMBERS) throw refusal('forbidden', 'image.members', { max: MAX_MEMBERS });
    return insertMember(tx, id, project);
  });
/** By who has the image, or by the project itself. @throws Fault not_found, forbidden */
export const removeMember = async (ctx: ComputeRequest, id: string, project: string): Promise<void> => {
  if (!UUID.test(id)) throw notFound();
  const caller = callerOf(ctx);
  const removed = await dbOf(ctx).transaction(async (tx) => {
    const own = caller.staff || !PROJECT.test(project) ? [] : await listProjectIds(tx, caller.clientIds);
    if (own.includes(project) && (await deleteMember(tx, id, project))) return true;
    await lockOwnImage(ctx, tx, id, { to: 'read' });
    return PROJECT.test(project) && (await deleteMember(tx, id, project));
  });
  if (!removed) throw notFound();
};
