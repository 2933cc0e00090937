import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Fault, tooLarge, type Queryable, type Tx } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import type { BytePart, ChoosePart, KeptData } from '../../ports/image-store.js';
import { dbOf } from '../../access/domain/claim.js';
import { lockProject } from '../../owners/domain/owners.js';
import { refusal } from '../../refusals.js';
import {
  insertData,
  killDataOf,
  killWriting,
  listDeadDataOf,
  liveData,
  removeData,
  touchData,
} from '../store/image-data.js';
import { bytesOfProject, countUploads, lockImage, updateImage, type Image } from '../store/images.js';
import { checkFormat, HEAD_BYTES, type Looked } from './image-format.js';
import { meterImage } from './image-usage.js';
import { getImage, lockOwnImage, ofImage, type ShownImage } from './images.js';

// Data comes in under an id of its own: a row of `image_data` first, then the file, then the image gets it in one
// transaction. Who lost the image meanwhile (to a deletion, or to the sweep after a pause) finds its row dead and
// leaves the image alone. So an image has all of its data or none, wherever a process dies.

/** A row that is not touched for a minute is taken for that of a dead process. */
const TOUCH_MS = 10_000;
const GIB = 1024 ** 3;
/** Uploads of a project at a time: each holds a connection for as long as it takes. */
const MAX_UPLOADS = 16;

/** A failure as the image keeps it: without what led to it, and without a part of the request. */
export const imageFault = (err: unknown, now: Date): NonNullable<Image['fault']> => {
  const { code, params } = err instanceof Fault ? err : new Fault('internal', 'image.interrupted');
  const at = now.toISOString();
  if (code === 'too_large') return { code: 'image.too_large', params: { limit: Number(params.limit) }, at };
  if (!/^(image|import)\./.test(code)) return { code: 'image.interrupted', params: {}, at };
  const values = Object.entries(params).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return { code, params: Object.fromEntries(values) as Record<string, string | number>, at };
};

/**
 * Begins new data of an image, whose row is locked. Data of an earlier try dies.
 * @param bytes how much is announced: it counts for the project from now on
 */
export const beginData = async (
  tx: Tx,
  imageId: string,
  status: 'saving' | 'importing',
  bytes = 0,
): Promise<string> => {
  const id = randomUUID();
  await killDataOf(tx, imageId);
  await insertData(tx, id, imageId, bytes);
  await updateImage(tx, imageId, { status, dataId: id, fault: null });
  return id;
};
/**
 * Bytes that the image may have: those of one image, or what is left to its project, whose running uploads count.
 * @param own data of the image that is being written itself
 * @throws Fault image.quota
 */
export const roomFor = async (
  ctx: ComputeCtx,
  q: Queryable,
  { projectId }: Pick<Image, 'projectId'>,
  own: string | null = null,
): Promise<number> => {
  const { NEFOS_COMPUTE_IMAGE_BYTES: most, NEFOS_COMPUTE_IMAGE_PROJECT_BYTES: limit } = ctx.config;
  if (projectId === null) return most;
  const used = await bytesOfProject(q, projectId, own);
  if (used >= limit) throw refusal('forbidden', 'image.quota', { used, limit });
  return Math.min(most, limit - used);
};

/** The same parts; the beginning is looked at as soon as it is there. @throws Fault of `checkFormat` */
async function* checked(
  parts: AsyncIterable<Buffer>,
  format: string,
  found: (looked: Looked) => void,
): AsyncGenerator<Buffer, void, void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const part of parts) {
    if (head) {
      head = Buffer.concat([head, part.subarray(0, HEAD_BYTES - head.length)]);
      if (head.length >= HEAD_BYTES) {
        found(checkFormat(format, head));
        head = undefined;
      }
    }
    yield part;
  }
  if (head) found(checkFormat(format, head));
}
/**
 * Keeps the parts under the id of data that was begun, and touches its row meanwhile.
 * @param stop is aborted when nobody wants the data any more
 * @throws Fault too_large, invalid/image.format and others of the data; what `parts` throws
 */
export const keepData = async (
  ctx: ComputeCtx,
  { dataId, image, limit }: { dataId: string; image: Image; limit: number },
  parts: AsyncIterable<Buffer>,
  stop: AbortController,
): Promise<KeptData & Looked> => {
  let written = 0;
  async function* counted(all: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
    for await (const part of all) {
      written += part.length;
      yield part;
    }
  }
  let looked: Looked = { found: '', virtualSize: null, refersElsewhere: false };
  const touch = setInterval(() => {
    touchData(ctx.db, dataId, written)
      .then(
        async (wanted) => {
          if (!wanted) stop.abort(refusal('conflict', 'image.gone'));
          // Others of the project have come meanwhile: together they must not pass its limit.
          else if (written > (await roomFor(ctx, ctx.db, image, dataId)))
            stop.abort(tooLarge(ctx.config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES));
        },
        () => undefined, // the database is away: the next one may get through
      )
      .catch((err: unknown) => {
        if (err instanceof Fault) stop.abort(err);
      });
  }, TOUCH_MS);
  try {
    const data = checked(counted(parts), image.diskFormat ?? 'raw', (one) => {
      looked = one;
    });
    const kept = await ctx.images.write(dataId, data, limit);
    return { ...looked, ...kept };
  } finally {
    clearInterval(touch);
  }
};
/**
 * Gives the image its data, all at once.
 * @throws Fault conflict/image.gone: the image was deleted, or the data taken for lost; forbidden/image.quota
 */
export const finishData = (
  ctx: ComputeCtx,
  { dataId, image }: { dataId: string; image: Image },
  { size, sha256, sha512, virtualSize }: KeptData & Looked,
): Promise<Image> =>
  ctx.db.transaction(async (tx) => {
    if (image.projectId !== null) await lockProject(tx, image.projectId);
    const now = await lockImage(tx, image.id);
    if (now?.dataId !== dataId || !(await liveData(tx, dataId))) throw refusal('conflict', 'image.gone');
    if (size > (await roomFor(ctx, tx, now, dataId))) throw tooLarge(ctx.config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES);
    const needed = virtualSize === null ? 0 : Math.ceil(virtualSize / GIB);
    const finished = (await updateImage(tx, image.id, {
      status: 'active',
      size: String(size),
      sha256,
      sha512,
      virtualSize: virtualSize === null ? null : String(virtualSize),
      // What does not fit into a flavor's disk is refused when an instance is created, not when it is built.
      minDisk: Math.max(now.minDisk, Math.min(needed, 2 ** 31 - 1)),
      fault: null,
      importUrl: null,
      importSha256: null,
    })) as Image;
    await meterImage(tx, { ...finished, clientId: now.clientId });
    return finished;
  });
/**
 * Data that did not become the image's: it dies, and an image that waits for it is as before.
 * @param status what the image is then
 */
export const dropData = async (
  ctx: ComputeCtx,
  { dataId, imageId, err, status }: { dataId: string; imageId: string; err: unknown; status: 'queued' | 'importing' },
): Promise<void> => {
  await ctx.db.transaction(async (tx) => {
    const image = await lockImage(tx, imageId);
    await killWriting(tx, dataId);
    if (image?.dataId !== dataId || (image.status !== 'saving' && image.status !== 'importing')) return;
    await updateImage(tx, imageId, {
      status,
      dataId: null,
      fault: imageFault(err, ctx.clock.now()),
      ...(status === 'queued' && { importUrl: null, importSha256: null }),
    });
  });
  await removeDeadDataOf(ctx, imageId);
};
/** Takes files away that no image has. What fails here is found by the sweep. */
export const removeDeadData = async (ctx: ComputeCtx, ids: readonly string[]): Promise<void> => {
  for (const id of ids) {
    await ctx.images.remove(id);
    await removeData(ctx.db, id);
  }
};
export const removeDeadDataOf = async (ctx: ComputeCtx, imageId: string): Promise<void> =>
  removeDeadData(ctx, await listDeadDataOf(ctx.db, imageId));

/**
 * Takes the data of a queued image. The image is `saving` meanwhile, and `queued` again when it fails.
 * @param options.length bytes that the client announces; null: it does not
 * @param options.open begins to read; called when the image has been claimed
 * @throws Fault not_found, forbidden, forbidden/client.suspended, forbidden/image.quota, conflict/image.state,
 * conflict/image.busy, too_large, and those of the data
 */
export const uploadImage = async (
  ctx: ComputeRequest,
  id: string,
  { length, open }: { length: number | null; open: (stop: AbortController) => AsyncIterable<Buffer> },
): Promise<ShownImage> => {
  const { image, dataId, limit } = await dbOf(ctx).transaction(async (tx) => {
    const found = await lockOwnImage(ctx, tx, id);
    if (found.status !== 'queued') throw refusal('conflict', 'image.state', { wanted: 'queued', status: found.status });
    if ((await countUploads(tx, found.projectId)) >= MAX_UPLOADS)
      throw refusal('conflict', 'image.busy', { max: MAX_UPLOADS });
    // Locked, so that two uploads at once do not both take the last room.
    if (found.projectId !== null) await lockProject(tx, found.projectId);
    const room = await roomFor(ctx, tx, found, found.dataId);
    if (length !== null && length > room) throw tooLarge(room);
    return { image: found, dataId: await beginData(tx, id, 'saving', length ?? 0), limit: room };
  });
  const stop = new AbortController();
  try {
    const kept = await keepData(ctx, { dataId, image, limit }, open(stop), stop);
    return await ofImage(ctx, await finishData(ctx, { dataId, image }, kept));
  } catch (err) {
    await dropData(ctx, { dataId, imageId: id, err, status: 'queued' }).catch((failure: unknown) => {
      ctx.log.warn({ err: failure, image: id }, 'a failed upload is not cleared away yet; the sweep does it');
    });
    throw err;
  }
};

export type { BytePart, ChoosePart };
/** Data for a download. */
export interface ImageDownload {
  /** Bytes of the whole. */
  size: number;
  /** What of it is sent; undefined: all. */
  part: BytePart | undefined;
  stream: Readable;
  sha256: string | null;
  name: string;
}
/** @throws Fault not_found, conflict/image.state, conflict/image.no_data; what `choose` throws */
export const downloadImage = async (ctx: ComputeRequest, id: string, choose?: ChoosePart): Promise<ImageDownload> => {
  const image = await getImage(ctx, id);
  if (image.status !== 'active') throw refusal('conflict', 'image.state', { wanted: 'active', status: image.status });
  const found = image.dataId === null ? null : await ctx.images.open(image.dataId, choose);
  if (!found) {
    if (image.dataId !== null)
      ctx.log.error({ image: id, data: image.dataId }, 'the file of an image is not in NEFOS_COMPUTE_IMAGE_DIR');
    throw refusal('conflict', 'image.no_data');
  }
  return { ...found, sha256: image.sha256, name: image.name };
};
