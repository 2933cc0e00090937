import { randomUUID } from 'node:crypto';
import { enqueue, forbidden, invalid, notFound, type Queryable, type Tx } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { actingClient, callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import { lastOf, type Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { listProjectIds, lockProject, shareLockHold, shareLockOwner } from '../../owners/domain/owners.js';
import { endUsage } from '../../owners/domain/usage.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { killDataOf } from '../store/image-data.js';
import {
  countImages,
  findVisibleImage,
  insertImage,
  listImages as pageOfImages,
  lockImage,
  orphanImages,
  updateImage,
  type Image,
  type ImageChanges,
  type OwnedImage,
} from '../store/images.js';
import { findRegion } from '../store/regions.js';
import { scopeOf } from './catalog.js';

export type { Image };
/** An image, and whether the caller's own projects have it. */
export interface ShownImage extends Image {
  own: boolean;
}
/** The job that takes an image away. */
export const DELETE_IMAGE = 'image.delete';
const MAX_IMAGES = 500;

/** Marks the images of the caller's own projects. Staff own all of them. */
const shown = async (ctx: ComputeRequest, images: readonly Image[]): Promise<ShownImage[]> => {
  const caller = callerOf(ctx);
  const own = caller.staff || !images.length ? [] : await listProjectIds(dbOf(ctx), caller.clientIds);
  return images.map((one) => ({
    ...one,
    own: caller.staff || (one.projectId !== null && own.includes(one.projectId)),
  }));
};
/** What others offer to everybody is listed where it is asked for. @throws Fault not_found/page, invalid/filter */
export const listImages = async (ctx: ComputeRequest, query: Query): Promise<Page<ShownImage>> => {
  const community = lastOf(query.visibility) === 'community';
  const page = await pageOfImages(dbOf(ctx), query, { clientIds: scopeOf(ctx, query), community });
  return { ...page, rows: await shown(ctx, page.rows) };
};
const findVisible = async (ctx: ComputeRequest, id: string, q: Queryable = dbOf(ctx)): Promise<Image> => {
  const found = UUID.test(id) ? await findVisibleImage(q, id, scopeOf(ctx, {})) : undefined;
  if (!found) throw notFound();
  return found;
};
/** @throws Fault not_found */
export const getImage = async (ctx: ComputeRequest, id: string): Promise<ShownImage> =>
  (await shown(ctx, [await findVisible(ctx, id)]))[0] as ShownImage;
export const ofImage = async (ctx: ComputeRequest, image: Image): Promise<ShownImage> =>
  (await shown(ctx, [image]))[0] as ShownImage;

/**
 * Locks an image that the caller may change: staff any, end users those of their clients' projects. `delete` and `read`
 * are allowed while the client is suspended.
 * @throws Fault not_found, forbidden (it is another's, which the caller may use), forbidden/client.suspended
 */
export const lockOwnImage = async (
  ctx: ComputeRequest,
  tx: Tx,
  id: string,
  { to = 'change' }: { to?: 'read' | 'change' | 'delete' } = {},
): Promise<OwnedImage> => {
  const caller = callerOf(ctx);
  // Judged before it is locked: who may not change it must not hold up those who use it.
  const seen = UUID.test(id) ? await lockImage(tx, id, 'read') : undefined;
  if (!seen) throw notFound();
  if (!caller.staff && (seen.clientId === null || !caller.clientIds.includes(seen.clientId))) {
    await findVisible(ctx, id, tx);
    throw forbidden();
  }
  const found = to === 'read' ? seen : await lockImage(tx, id, to);
  if (!found) throw notFound();
  if (caller.staff) return found;
  if (to === 'change' && (await shareLockHold(tx, found.clientId as number)))
    throw refusal('forbidden', 'client.suspended');
  return found;
};

/** An image to be made (contract compute §8.1). */
export interface NewImage {
  name: string;
  region: string;
  visibility: Image['visibility'] | null;
  type: 'template' | 'iso';
  diskFormat: string | null;
  containerFormat: string;
  minDisk: number;
  minRam: number;
  osDistro: string | null;
  osVersion: string | null;
  architecture: string | null;
  hypervisorType: string | null;
  hwQemuGuestAgent: boolean;
  protected: boolean;
  tags: string[];
  properties: Record<string, string>;
  /** Staff: the client whose project gets it; null: the cloud itself. */
  client?: number | null;
  /** Staff: what the hypervisor has already. */
  backendId?: string | null;
}

/** The project that a new image belongs to, locked; null: none. */
const projectFor = async (
  ctx: ComputeRequest,
  tx: Tx,
  { client, acting }: { client: number | null | undefined; acting: string | undefined },
): Promise<string | null> => {
  const caller = callerOf(ctx);
  if (caller.staff && (client === null || client === undefined)) return null;
  const clientId = caller.staff ? (client as number) : actingClient(caller, acting);
  const owner = await shareLockOwner(tx, clientId);
  if (!owner) throw invalid([unknownKey(['client'], clientId)]);
  if (owner.hold)
    throw caller.staff ? invalidValue(['client'], 'create.client_suspended') : refusal('forbidden', 'client.suspended');
  if (!owner.serviceActive || owner.projectId === null) throw invalidValue(['client'], 'create.no_service');
  await demandRoom(tx, owner.projectId);
  return owner.projectId;
};
/** Checks that the project may have one more image, and locks it. @throws Fault forbidden/image.too_many */
export const demandRoom = async (tx: Tx, projectId: string): Promise<void> => {
  await lockProject(tx, projectId);
  if ((await countImages(tx, projectId)) >= MAX_IMAGES)
    throw refusal('forbidden', 'image.too_many', { max: MAX_IMAGES });
};
/** @throws Fault forbidden/image.public, invalid */
const checkVisibility = (
  ctx: ComputeRequest,
  { visibility, projectId, type }: Pick<Image, 'visibility' | 'projectId' | 'type'>,
): void => {
  if (visibility === 'public' && !callerOf(ctx).staff) throw refusal('forbidden', 'image.public');
  if (projectId === null && visibility !== 'public' && visibility !== 'community')
    throw invalidValue(['visibility'], 'image.no_project');
  if ((type === 'snapshot' || type === 'backup') && (visibility === 'public' || visibility === 'community'))
    throw invalidValue(['visibility'], 'image.snapshot_public');
};
/**
 * Makes an image without data, in the caller's transaction.
 * @param acting the client that an end user names
 * @throws Fault invalid, forbidden/image.public, forbidden/image.too_many, forbidden/client.suspended, not_found
 */
export const insertNewImage = async (
  ctx: ComputeRequest,
  tx: Tx,
  { client, region, visibility: wanted, diskFormat, ...rest }: NewImage,
  acting: string | undefined,
): Promise<Image> => {
  const found = await findRegion(tx, region);
  if (!found || !(found.enabled || callerOf(ctx).staff)) throw invalid([unknownKey(['region'], region)]);
  const projectId = await projectFor(ctx, tx, { client, acting });
  const visibility = wanted ?? (projectId === null ? 'public' : 'private');
  checkVisibility(ctx, { visibility, projectId, type: rest.type });
  return insertImage(tx, {
    ...rest,
    id: randomUUID(),
    regionId: region,
    projectId,
    visibility,
    diskFormat: diskFormat ?? (rest.type === 'iso' ? 'iso' : 'qcow2'),
    status: rest.backendId === undefined || rest.backendId === null ? 'queued' : 'active',
  });
};
/** As `insertNewImage`, in a transaction of its own. */
export const createImage = async (
  ctx: ComputeRequest,
  image: NewImage,
  acting: string | undefined,
): Promise<ShownImage> => ofImage(ctx, await dbOf(ctx).transaction((tx) => insertNewImage(ctx, tx, image, acting)));

/** @throws Fault not_found, forbidden, forbidden/image.public, forbidden/client.suspended, invalid */
export const changeImage = async (ctx: ComputeRequest, id: string, changes: ImageChanges): Promise<ShownImage> =>
  ofImage(
    ctx,
    await dbOf(ctx).transaction(async (tx) => {
      const image = await lockOwnImage(ctx, tx, id);
      if (changes.visibility !== undefined && changes.visibility !== image.visibility)
        checkVisibility(ctx, { ...image, visibility: changes.visibility });
      const least = Math.ceil(Number(image.virtualSize ?? 0) / 1024 ** 3);
      if (changes.minDisk !== undefined && changes.minDisk < least)
        throw invalidValue(['min_disk'], 'image.min_disk', { least });
      return (await updateImage(tx, id, changes)) as Image;
    }),
  );

/** Staff: nobody uses the image, or everybody may again. @throws Fault not_found, conflict/image.state */
export const switchImage = async (
  ctx: ComputeRequest,
  id: string,
  { from, to }: { from: 'active' | 'deactivated'; to: 'active' | 'deactivated' },
): Promise<ShownImage> =>
  ofImage(
    ctx,
    await dbOf(ctx).transaction(async (tx) => {
      const image = await lockOwnImage(ctx, tx, id);
      if (image.status === to) return image;
      if (image.status !== from) throw refusal('conflict', 'image.state', { wanted: from, status: image.status });
      return (await updateImage(tx, id, { status: to })) as Image;
    }),
  );

/**
 * Takes an image off all lists; a job takes away what there is of it, when no machine needs it any more. For this area
 * and for those after it, as a part of their transaction.
 */
export const beginImageDelete = async (tx: Tx, id: string): Promise<void> => {
  await updateImage(tx, id, { status: 'pending_delete', importUrl: null });
  await endUsage(tx, 'image', id);
  await enqueue(tx, DELETE_IMAGE, { id }, { key: `${DELETE_IMAGE}:${id}` });
};
/** Images of a client that is removed, protected ones too; the sweep of deleted images takes them away. */
export const deleteImagesOfClient = async (tx: Tx, clientId: number): Promise<void> =>
  orphanImages(tx, await listProjectIds(tx, [clientId]));
/**
 * Also while it is uploaded, which ends then.
 * @throws Fault not_found, forbidden, conflict/image.protected
 */
export const deleteImage = (ctx: ComputeRequest, id: string): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    const image = await lockOwnImage(ctx, tx, id, { to: 'delete' });
    if (image.protected) throw refusal('conflict', 'image.protected');
    if (image.status === 'saving' || image.status === 'importing') await killDataOf(tx, id);
    await beginImageDelete(tx, id);
  });
