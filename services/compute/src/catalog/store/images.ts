import { columns, em, type Queryable, type Tx } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { imageMembers, images, type Image } from '../tables.js';

export type { Image };

const imageList: ListSpec = {
  select: columns(images, 'm'),
  from: 'image m',
  fields: {
    id: { sql: 'm.id', type: 'uuid' },
    name: { sql: 'm.name', type: 'text' },
    status: { sql: 'm.status', type: 'text' },
    type: { sql: 'm.type', type: 'text' },
    visibility: { sql: 'm.visibility', type: 'text' },
    region: { sql: 'm.region_id', type: 'text', plain: true },
    os_distro: { sql: 'm.os_distro', type: 'text' },
    created_at: { sql: 'm.created_at', type: 'time' },
  },
  search: ['m.name', 'm.os_distro'],
  ordering: 'name',
  tie: 'm.id',
};
/** What clients may see: public images, their own, and those shared with them. */
const visibleTo = (clientIds: readonly number[]): Condition => ({
  sql: `m.visibility = 'public'
    or m.project_id in
      (select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[]))
    or exists (select 1 from image_member x join project j on j.id = x.project_id join service s on s.id = j.service_id
      where x.image_id = m.id and s.client_id = any($::int[]))`,
  values: [clientIds, clientIds],
});
/** @param scope.clientIds whose view it is; null: everything. @param scope.id only this one */
export const listImages = (
  q: Queryable,
  query: Query,
  { clientIds, id }: { clientIds: readonly number[] | null; id?: string },
): Promise<Page<Image>> =>
  pageOf(q, imageList, query, [
    ...(id === undefined ? [] : [{ sql: 'm.id = $::uuid', values: [id] }]),
    ...(clientIds ? [visibleTo(clientIds)] : []),
  ]);
export const findImage = async (q: Queryable, id: string): Promise<Image | undefined> =>
  (await em(q).findOneBy(images, { id })) ?? undefined;
/** Whether the image is shared with the project. */
export const isImageSharedWith = (q: Queryable, imageId: string, projectId: string): Promise<boolean> =>
  em(q).existsBy(imageMembers, { imageId, projectId });
/** Shares the image with the project, if it is not yet. */
export const shareImage = async (tx: Tx, imageId: string, projectId: string): Promise<void> => {
  await em(tx).createQueryBuilder().insert().into(imageMembers).values({ imageId, projectId }).orIgnore().execute();
};
