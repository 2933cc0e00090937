import { enqueue, ensureJob, Fault, tooLarge, type Tx } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { invalidValue, refusal } from '../../refusals.js';
import { countImporting, listImagesIn, lockImage, updateImage, type Image } from '../store/images.js';
import { beginData, dropData, finishData, keepData, roomFor } from './image-data.js';
import { insertNewImage, lockOwnImage, ofImage, type NewImage, type ShownImage } from './images.js';

/** The job that fetches an image. */
export const IMPORT_IMAGE = 'image.import';
/** Tries that may fail; those that the end of a process broke off come on top. */
const TRIES = 5;
/** So many imports run at once; each project's go into one queue, so that nobody's slow servers hold up all others. */
const QUEUES = 3;
/** Imports of a project that wait or run. */
const MAX_IMPORTS = 4;

/** Where data comes from. */
export interface ImportFrom {
  url: string;
  sha256: string | null;
}
const jobOf = ({ id, projectId }: Pick<Image, 'id' | 'projectId'>) => {
  const queue = parseInt((projectId ?? id).slice(0, 6), 16) % QUEUES;
  return { key: `${IMPORT_IMAGE}:${id}`, queue: `${IMPORT_IMAGE}:${queue}` };
};
/** @throws Fault invalid */
const checkSource = (ctx: ComputeCtx, { url, sha256 }: ImportFrom): ImportFrom => {
  if (!ctx.imageSource.isReadable(url)) throw invalidValue(['url'], 'import.url');
  if (sha256 !== null && !/^[0-9a-f]{64}$/i.test(sha256)) throw invalidValue(['sha256'], 'image.expected_digest');
  return { url, sha256: sha256 === null ? null : sha256.toLowerCase() };
};
const beginImport = async (tx: Tx, image: Image, { url, sha256 }: ImportFrom): Promise<Image> => {
  if (image.projectId !== null && (await countImporting(tx, image.projectId)) >= MAX_IMPORTS)
    throw refusal('conflict', 'image.importing', { max: MAX_IMPORTS });
  await enqueue(tx, IMPORT_IMAGE, { id: image.id }, jobOf(image));
  return (await updateImage(tx, image.id, {
    status: 'importing',
    importUrl: url,
    importSha256: sha256,
    fault: null,
  })) as Image;
};
/** A new image whose data a job fetches. @throws Fault of `insertNewImage`; invalid */
export const importImage = async (
  ctx: ComputeRequest,
  image: NewImage,
  from: ImportFrom,
  acting: string | undefined,
): Promise<ShownImage> => {
  const source = checkSource(ctx, from);
  if (image.backendId != null) throw invalidValue(['backend_id'], 'import.backend_id');
  return ofImage(
    ctx,
    await dbOf(ctx).transaction(async (tx) => beginImport(tx, await insertNewImage(ctx, tx, image, acting), source)),
  );
};
/** The same for an image that is queued. @throws Fault not_found, forbidden, conflict/image.state, invalid */
export const importInto = async (ctx: ComputeRequest, id: string, from: ImportFrom): Promise<ShownImage> =>
  ofImage(
    ctx,
    await dbOf(ctx).transaction(async (tx) => {
      const image = await lockOwnImage(ctx, tx, id);
      if (image.status !== 'queued')
        throw refusal('conflict', 'image.state', { wanted: 'queued', status: image.status });
      return beginImport(tx, image, checkSource(ctx, from));
    }),
  );

/** Fetches the data. @throws Fault, also that of `stop` */
const fetchData = async (
  ctx: ComputeCtx,
  { image, dataId, limit }: { image: Image; dataId: string; limit: number },
  stop: AbortController,
): Promise<void> => {
  const { size, parts } = await ctx.imageSource.open(image.importUrl as string, stop.signal);
  if (size !== null && size > limit) throw tooLarge(limit);
  const kept = await keepData(ctx, { dataId, image, limit }, parts, stop);
  if (image.importSha256 !== null && kept.sha256 !== image.importSha256) throw refusal('invalid', 'image.digest');
  await finishData(ctx, { dataId, image }, kept);
};
const again = (err: unknown): boolean =>
  !(err instanceof Fault) || err.kind === 'unavailable' || err.kind === 'capacity';
/**
 * The job `image.import`: one try. What will not be otherwise later ends the import; the rest is tried again, and at
 * the last try ends it as well.
 */
export const runImport = async (
  ctx: ComputeCtx,
  id: string,
  { signal, attempt }: { signal: AbortSignal; attempt: number },
): Promise<void> => {
  const begun = await ctx.db.transaction(async (tx) => {
    const image = await lockImage(tx, id);
    if (image?.status !== 'importing' || image.importUrl === null) return undefined;
    // Its own refusal is part of the try.
    const limit = await roomFor(ctx, tx, image, image.dataId).catch((err: unknown) => err as Fault);
    return { image, limit, dataId: await beginData(tx, id, 'importing') };
  });
  if (!begun) return;
  const { image, dataId, limit } = begun;
  const stop = new AbortController();
  const leave = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  const slow = setTimeout(
    () => stop.abort(refusal('upstream', 'import.slow')),
    ctx.config.NEFOS_COMPUTE_IMPORT_SECONDS * 1000,
  );
  try {
    if (typeof limit !== 'number') throw limit;
    await fetchData(ctx, { image, dataId, limit }, stop);
  } catch (caught) {
    const err: unknown = stop.signal.aborted ? stop.signal.reason : caught;
    const retry = again(err) && (signal.aborted || attempt < TRIES);
    await dropData(ctx, { dataId, imageId: id, err, status: retry ? 'importing' : 'queued' });
    if (retry) throw err;
    ctx.log.warn({ err, image: id }, 'an import of an image failed');
  } finally {
    clearTimeout(slow);
    signal.removeEventListener('abort', leave);
    stop.abort(); // what is not read of the answer
  }
};
/** Enqueues the jobs of imports that lost theirs. @returns how many imports there are */
export const sweepImports = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listImagesIn(ctx.db, 'importing', 1000);
  for (const id of ids)
    await ctx.db.transaction(async (tx) => {
      const image = await lockImage(tx, id);
      if (image?.status === 'importing') await ensureJob(tx, IMPORT_IMAGE, { id }, jobOf(image));
    });
  return ids.length;
};
