import { columns, em, sql, type Queryable, type Row, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { imageMembers, images } from '../tables.js';

/** A project that an image is shared with. */
export type ImageMember = Row<typeof imageMembers>;

const memberList: ListSpec = {
  select: columns(imageMembers, 'x'),
  from: 'image_member x',
  fields: { project_id: { sql: 'x.project_id', type: 'text' }, created_at: { sql: 'x.created_at', type: 'time' } },
  search: ['x.project_id'],
  ordering: 'created_at',
  tie: 'x.project_id',
};
/** @throws Fault not_found/page, invalid/filter */
export const pageOfMembers = (q: Queryable, imageId: string, query: Query): Promise<Page<ImageMember>> =>
  pageOf<ImageMember>(q, memberList, query, [{ sql: 'x.image_id = $::uuid', values: [imageId] }]);
export const countMembers = (q: Queryable, imageId: string): Promise<number> =>
  em(q).countBy(imageMembers, { imageId });
/** Whether the image is shared with the project. SQL: memberships count while the image is shared. */
export const isImageSharedWith = async (q: Queryable, imageId: string, projectId: string): Promise<boolean> =>
  (
    await sql(
      q,
      `select 1 from image_member x join image i on i.id = x.image_id and i.visibility = 'shared'
      where x.image_id = $1 and x.project_id = $2`,
      [imageId, projectId],
    )
  ).length > 0;
/** @returns the membership, which may have been there */
export const insertMember = async (tx: Tx, imageId: string, projectId: string): Promise<ImageMember> => {
  await em(tx).createQueryBuilder().insert().into(imageMembers).values({ imageId, projectId }).orIgnore().execute();
  return em(tx).findOneByOrFail(imageMembers, { imageId, projectId });
};
/** @returns whether there was one */
export const deleteMember = async (tx: Tx, imageId: string, projectId: string): Promise<boolean> =>
  ((await em(tx).delete(imageMembers, { imageId, projectId })).affected ?? 0) > 0;
/** Shares the image with the project, if it is not yet; a private one becomes shared. */
export const shareImage = async (tx: Tx, imageId: string, projectId: string): Promise<void> => {
  await em(tx).update(images, { id: imageId, visibility: 'private' }, { visibility: 'shared' });
  await insertMember(tx, imageId, projectId);
};
