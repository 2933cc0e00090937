import { columns, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { imageMembers, images, type Image } from '../../catalog/tables.js';
import { keysetPage, type KeysetPage, type KeysetRequest, type KeysetSpec, type Part } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';

const SHOWN = [
  'id',
  'regionId',
  'projectId',
  'name',
  'status',
  'visibility',
  'type',
  'minDisk',
  'minRam',
  'size',
  'diskFormat',
  'containerFormat',
  'osDistro',
  'osVersion',
  'architecture',
  'hwQemuGuestAgent',
  'hypervisorType',
  'instanceId',
  'protected',
  'tags',
  'createdAt',
  'updatedAt',
  'virtualSize',
  'sha512',
  'properties',
  'hidden',
  'fault',
] as const;
export type ImageRow = Pick<Image, (typeof SHOWN)[number]>;
const spec: KeysetSpec = {
  select: columns(images, 'm', SHOWN),
  from: 'image m',
  keys: {
    created_at: { sql: 'm.created_at', type: 'timestamptz' },
    updated_at: { sql: 'm.updated_at', type: 'timestamptz' },
    name: { sql: 'm.name', type: 'text' },
    status: { sql: 'm.status', type: 'text' },
    size: { sql: 'm.size', type: 'bigint' },
    id: { sql: 'm.id', type: 'uuid' },
    container_format: { sql: `coalesce(m.container_format, '')`, type: 'text' },
    disk_format: { sql: `coalesce(m.disk_format, '')`, type: 'text' },
  },
  id: { sql: 'm.id', type: 'uuid' },
};
export const isImageSortKey = (name: string): boolean => Object.hasOwn(spec.keys, name);

/** Whose images: of one project, and what others share with it or offer to all. */
export interface ImageScope {
  /** null: an administrator sees every image. */
  projectId: string | null;
  /** What of others' images is listed: those shared with the project in this state, or in any. */
  memberStatus: 'pending' | 'accepted' | 'rejected' | 'all';
  /** Of this visibility only; all: also what others offer to everybody who asks. */
  visibility: Image['visibility'] | 'all' | undefined;
}
const THERE: Condition = { sql: `m.status <> 'pending_delete'`, values: [] };
const VISIBILITIES = ['public', 'community', 'private', 'shared'] as const;
type Visibility = (typeof VISIBILITIES)[number];
const among = (visibilities: readonly Visibility[]): string =>
  `m.visibility in (${visibilities.map((one) => `'${one}'`).join(', ')})`;
/** Orders that one's own images and memberships have an index of; of others the ids come first, and they are sorted. */
const isIndexed = (key: string | undefined): boolean => key === 'created_at' || key === 'name';
const ownOf = (projectId: string, visibilities: readonly Visibility[], key: string | undefined): Part => ({
  sql: `${among(visibilities)} and ${
    isIndexed(key)
      ? 'm.project_id = $::text'
      : 'm.id = any(array(select o.id from image o where o.project_id = $::text))'
  }`,
  values: [projectId],
});
/** What others share with the project. Memberships keep the orders of their images. */
const sharedWith = (projectId: string, status: string, key: string | undefined): Part => {
  const theirs = `m.visibility = 'shared' and m.project_id is distinct from $::text`;
  const values = [projectId, projectId, status];
  return isIndexed(key)
    ? {
        from: 'image_member x join image m on m.id = x.image_id',
        id: 'x.image_id',
        keys: { created_at: 'x.image_created_at', name: 'x.image_name' },
        sql: `${theirs} and x.project_id = $::text and x.status = $::text`,
        values,
      }
    : {
        sql: `${theirs} and m.id = any(array(
          select x.image_id from image_member x where x.project_id = $::text and x.status = $::text))`,
        values,
      };
};
const STATUSES = ['accepted', 'pending', 'rejected'];
/**
 * What is in sight, in parts that have no image in common: what everybody sees by indexes which begin with the
 * visibility; one's own, a few hundred at most; what others share, by the project's memberships.
 * @param key the first one of the order
 */
const partsOf = ({ projectId, memberStatus, visibility }: ImageScope, key: string | undefined): Part[] => {
  const asked = (one: Visibility): boolean => visibility === undefined || visibility === 'all' || visibility === one;
  const wanted = VISIBILITIES.filter((one) => asked(one) && (one !== 'community' || visibility !== undefined));
  const of = (one: Visibility): Part => ({ sql: `m.visibility = '${one}'`, values: [] });
  if (projectId === null) return wanted.map(of);
  const open: readonly Visibility[] = wanted.filter((one) => one === 'public' || one === 'community');
  const own = VISIBILITIES.filter((one) => asked(one) && !open.includes(one));
  const statuses = memberStatus === 'all' ? STATUSES : [memberStatus];
  return [
    ...open.map(of),
    ...(own.length ? [ownOf(projectId, own, key)] : []),
    ...(wanted.includes('shared') ? statuses.map((one) => sharedWith(projectId, one, key)) : []),
  ];
};
/** Whatever the project may see by its id. */
const inSight = (projectId: string | null): Condition =>
  projectId === null
    ? { sql: 'true', values: [] }
    : {
        sql: `${among(['public', 'community'])} or m.project_id = $::text or (m.visibility = 'shared' and exists (
          select from image_member x where x.image_id = m.id and x.project_id = $::text))`,
        values: [projectId, projectId],
      };
export const pageOfImages = (
  q: Queryable,
  request: KeysetRequest,
  scope: ImageScope,
): Promise<KeysetPage<ImageRow> | 'no_marker'> =>
  keysetPage<ImageRow>(q, spec, request, [THERE], {
    parts: partsOf(scope, request.sort[0]?.key),
    sight: inSight(scope.projectId),
  });
export const findImage = async (q: Queryable, id: string, projectId: string | null): Promise<ImageRow | undefined> => {
  const conditions = [{ sql: 'm.id = $::uuid', values: [id] }];
  const page = await keysetPage<ImageRow>(q, spec, { limit: 1, marker: undefined, sort: [], conditions }, [
    THERE,
    inSight(projectId),
  ]);
  return page === 'no_marker' ? undefined : page.rows[0];
};

const MEMBER = columns(imageMembers, 'x');
export interface MemberRow {
  imageId: string;
  projectId: string;
  status: string;
  createdAt: string;
}
/** @param projectId of one only */
export const listMemberRows = (q: Queryable, imageId: string, projectId: string | null): Promise<MemberRow[]> =>
  sql<MemberRow>(
    q,
    `select ${MEMBER} from image_member x where x.image_id = $1 and ($2::text is null or x.project_id = $2)
    order by x.project_id limit 1000`,
    [imageId, projectId],
  );
export const setMemberStatus = async (
  tx: Tx,
  { imageId, projectId, status }: { imageId: string; projectId: string; status: string },
): Promise<void> => {
  await sql(tx, 'update image_member set status = $3 where image_id = $1 and project_id = $2', [
    imageId,
    projectId,
    status,
  ]);
};
