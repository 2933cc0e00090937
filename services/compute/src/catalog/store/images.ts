import { columns, em, prepared, run, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import { recording, recordingOf } from '../../events/recording.js';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { idsOfClients } from '../visible-sql.js';
import { IMAGE_CREATED, IMAGE_STATE } from '../recorded.js';
import { images, type Image, type ImageFault, type ImageStatus } from '../tables.js';

export type { Image, ImageFault, ImageStatus };

const imageList: ListSpec = {
  select: columns(images, 'm'),
  from: 'image m',
  fields: {
    id: { sql: 'm.id', type: 'uuid' },
    name: { sql: 'm.name', type: 'text' },
    status: { sql: 'm.status', type: 'text', plain: true },
    type: { sql: 'm.type', type: 'text', plain: true },
    visibility: { sql: 'm.visibility', type: 'text', plain: true },
    region: { sql: 'm.region_id', type: 'text', plain: true },
    os_distro: { sql: 'm.os_distro', type: 'text' },
    disk_format: { sql: 'm.disk_format', type: 'text' },
    instance_uuid: { sql: 'm.instance_id', type: 'uuid', plain: true },
    tag: { sql: 't.tag', type: 'text', exists: 'select 1 from unnest(m.tags) t(tag) where %', plain: true },
    size: { sql: 'm.size', type: 'int' },
    created_at: { sql: 'm.created_at', type: 'time' },
    updated_at: { sql: 'm.updated_at', type: 'time' },
  },
  search: ['m.name', 'm.os_distro'],
  ordering: 'name',
  tie: 'm.id',
};
const PROJECTS = `select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[])`;
/**
 * What clients may see, in parts that have no image in common: public images, their own, and those shared with them.
 * `community`: also what others offer to everybody. Each part is found by an index of its own, of the last two the ids
 * first: others' images are not read.
 */
const partsVisibleTo = (clientIds: readonly number[], community: boolean): Condition[] => {
  const own = idsOfClients('image', clientIds, 'm');
  return [
    { sql: `m.visibility = 'public'`, values: [] },
    ...(community ? [{ sql: `m.visibility = 'community'`, values: [] }] : []),
    { ...own, sql: `m.visibility not in ('public'${community ? ", 'community'" : ''}) and ${own.sql}` },
    {
      sql: `m.visibility = 'shared' and (m.project_id = any(array(${PROJECTS}))) is not true and m.id = any(array(
        select x.image_id from image_member x where x.project_id = any(array(${PROJECTS}))))`,
      values: [clientIds, clientIds],
    },
  ];
};
/** The same of one image, by its own id. */
const visible = (clientIds: readonly number[]): Condition => ({
  sql: `m.visibility in ('public', 'community') or m.project_id = any(array(${PROJECTS}))
    or (m.visibility = 'shared' and exists (select from image_member x
      where x.image_id = m.id and x.project_id = any(array(${PROJECTS}))))`,
  values: [clientIds, clientIds],
});
/** Images that are being deleted are not there. */
const THERE: Condition = { sql: `m.status <> 'pending_delete'`, values: [] };
/**
 * @param scope.clientIds whose view it is; null: everything
 * @param scope.community with what others offer to everybody
 */
export const listImages = (
  q: Queryable,
  query: Query,
  { clientIds, community = false }: { clientIds: readonly number[] | null; community?: boolean },
): Promise<Page<Image>> => pageOf(q, imageList, query, [THERE], clientIds ? partsVisibleTo(clientIds, community) : []);
/** One image, if the clients may see it. @param clientIds null: everything */
export const findVisibleImage = async (
  q: Queryable,
  id: string,
  clientIds: readonly number[] | null,
): Promise<Image | undefined> => {
  const only = { sql: 'm.id = $::uuid', values: [id] };
  return (await pageOf<Image>(q, imageList, {}, [THERE, only, ...(clientIds ? [visible(clientIds)] : [])])).rows[0];
};
/** The image to make a machine from: it is not deleted while this transaction lasts. SQL: a lock. */
export const findImage = async (q: Queryable, id: string): Promise<Image | undefined> =>
  (
    await prepared<Image>(
      q,
      `select ${columns(images, 'm')} from image m where m.id = $1 and m.status <> 'pending_delete' for key share`,
      [id],
    )
  )[0];
/** An image with the client whose project has it. */
export type OwnedImage = Image & { clientId: number | null };
const LOCKS = { read: '', change: 'for no key update of m', delete: 'for update of m' };
/** Locks the image for a change, or against its use for new machines (`delete`). SQL: a lock and a join. */
export const lockImage = async (
  q: Queryable,
  id: string,
  to: keyof typeof LOCKS = 'change',
): Promise<OwnedImage | undefined> =>
  (
    await sql<OwnedImage>(
      q,
      `select ${columns(images, 'm')}, s.client_id "clientId" from image m
        left join project j on j.id = m.project_id left join service s on s.id = j.service_id
      where m.id = $1 and m.status <> 'pending_delete'
      ${LOCKS[to]}`,
      [id],
    )
  )[0];
export const readImage = async (q: Queryable, id: string): Promise<Image | undefined> =>
  (await em(q).findOneBy(images, { id })) ?? undefined;
const ROW = 'select * from image where id = $1';
export const insertImage = async (tx: Tx, image: NewRow<typeof images>): Promise<Image> => {
  await em(tx).insert(images, image);
  await run(tx, recordingOf(ROW, IMAGE_CREATED), [image.id]);
  return (await readImage(tx, image.id)) as Image;
};
export type ImageChanges = Partial<Omit<Image, 'id' | 'createdAt' | 'updatedAt'>>;
/** Changes the image if it is still there. @returns the image as it is then */
export const updateImage = async (tx: Tx, id: string, changes: ImageChanges): Promise<Image | undefined> => {
  await em(tx).update(images, { id }, { ...changes, updatedAt: () => 'now()' });
  await run(tx, recordingOf(ROW, IMAGE_STATE), [id]);
  return readImage(tx, id);
};
/** Images of the project whose data is being fetched. */
export const countImporting = (q: Queryable, projectId: string): Promise<number> =>
  em(q).countBy(images, { projectId, status: 'importing' });
/** Images of the project that are not being deleted. */
export const countImages = async (q: Queryable, projectId: string): Promise<number> =>
  (
    await sql<{ n: number }>(
      q,
      `select count(*)::int n from image where project_id = $1 and status <> 'pending_delete'`,
      [projectId],
    )
  )[0]?.n ?? 0;
/** Images of the project that are being uploaded now; null: those of the cloud itself. */
export const countUploads = async (q: Queryable, projectId: string | null): Promise<number> =>
  (
    await sql<{ n: number }>(
      q,
      `select count(*)::int n from image_data d join image m on m.data_id = d.id
      where d.state = 'writing' and m.status = 'saving' and m.project_id is not distinct from $1`,
      [projectId],
    )
  )[0]?.n ?? 0;
/**
 * Bytes of the data that the project's images have here, also of those that wait to be deleted, and of what is being
 * written.
 * @param except data that does not count
 */
export const bytesOfProject = async (q: Queryable, projectId: string, except: string | null): Promise<number> =>
  Number(
    (
      await sql<{ bytes: string | null }>(
        q,
        `select (coalesce((select sum(size) from image where project_id = $1 and data_id is not null
            and status in ('active', 'deactivated', 'pending_delete')), 0)
          + coalesce((select sum(d.bytes) from image_data d join image m on m.id = d.image_id
            where d.state = 'writing' and m.project_id = $1 and d.id is distinct from $2), 0))::text bytes`,
        [projectId, except],
      )
    )[0]?.bytes ?? 0,
  );
/**
 * Whether a machine or a volume was made from the image that is still there, or an operation that goes on needs or
 * makes it. SQL: instances, volumes and operations belong to later areas.
 */
export const isImageUsed = async (q: Queryable, id: string): Promise<boolean> =>
  (
    await sql(
      q,
      `select 1 from instance where image_id = $1 and vm_state <> 'deleted'
      union all select 1 from volume where image_id = $1
      union all select 1 from operation where status in ('pending', 'running') and params ->> 'image' = $1::text
      limit 1`,
      [id],
    )
  ).length > 0;
/**
 * Backups of the instance that a schedule made, or of this kind that no schedule made, the newest first; not those that
 * stayed with a former client. SQL: properties decide.
 */
export const listBackupsOf = (
  q: Queryable,
  instanceId: string,
  { kind, schedule }: { kind: string; schedule: string | null },
): Promise<Image[]> =>
  sql<Image>(
    q,
    `select ${columns(images, 'm')} from image m
    where m.instance_id = $1 and m.type = 'backup'
      and not exists (select from instance i where i.id = m.instance_id and i.project_id <> m.project_id)
      and case when $3::text is null then m.properties ->> 'backup_type' = $2 and not m.properties ? 'backup_schedule'
        else m.properties ->> 'backup_schedule' = $3 end
      and m.status in ('saving', 'active') order by m.created_at desc, m.id desc limit 1000`,
    [instanceId, kind, schedule],
  );
/** Snapshots and backups that are being made. SQL: a partial index. */
export const listSaving = (q: Queryable, limit: number): Promise<{ id: string; instanceId: string }[]> =>
  sql(
    q,
    `select id, instance_id "instanceId" from image
    where status = 'saving' and type in ('snapshot', 'backup') and instance_id is not null order by id limit $1`,
    [limit],
  );
/** Ids of images that a job has to work on. */
export const listImagesIn = async (
  q: Queryable,
  status: 'importing' | 'pending_delete',
  limit: number,
): Promise<string[]> =>
  (
    await sql<{ id: string }>(q, 'select id from image where status = $1 order by updated_at limit $2', [status, limit])
  ).map(({ id }) => id);
/**
 * The projects' images are to be deleted; those that staff made public become the cloud's own. SQL: all at once.
 */
export const orphanImages = async (tx: Tx, projectIds: readonly string[]): Promise<void> => {
  await run(
    tx,
    `update image set project_id = null, updated_at = now() where project_id = any($1) and visibility = 'public'`,
    [projectIds],
  );
  await run(
    tx,
    recording(
      `update image set status = 'pending_delete', import_url = null, updated_at = now()
      where project_id = any($1) and status <> 'pending_delete'`,
      IMAGE_STATE,
      {
        more: `dead as (update image_data d set state = 'dead', touched_at = now() from changed
          where d.image_id = changed.id and d.state = 'writing')`,
      },
    ),
    [projectIds],
  );
};
export const removeImage = (q: Queryable, id: string): Promise<number> =>
  run(q, `delete from image where id = $1 and status = 'pending_delete'`, [id]);
