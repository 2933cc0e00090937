import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Fault, tooLarge } from '@nefos/service-kit';
import type { ImageStore, KeptData } from './image-store.js';

/** Bytes after which what was written goes to the disk, so that little of the system's memory waits for it. */
const SYNC_BYTES = 64 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

const isMissing = (err: unknown): boolean => (err as NodeJS.ErrnoException).code === 'ENOENT';
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const asFull = (err: unknown): unknown =>
  FULL.has((err as NodeJS.ErrnoException).code ?? '')
    ? new Fault('capacity', 'image.no_space', {}, { cause: err })
    : err;

const copy = async (file: FileHandle, parts: AsyncIterable<Buffer>, limit: number): Promise<KeptData> => {
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')];
  let size = 0;
  let unsynced = 0;
  for await (const part of parts) {
    size += part.length;
    if (size > limit) throw tooLarge(limit);
    sha256.update(part);
    sha512.update(part);
    await file.appendFile(part);
    unsynced += part.length;
    if (unsynced >= SYNC_BYTES) {
      await file.datasync();
      unsynced = 0;
    }
  }
  return { size, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
};
const syncDirectory = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Images as files of a directory, which several processes may share: `<id>`, and `<id>.part` while it is written. A
 * file gets its name when all of it is on the disk.
 */
export const createImageDirectory = (dir: string): ImageStore => {
  const fileOf = (id: string): string => {
    // Ids are made by the portal; anything else would be a path.
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new Error(`${id} is no id of image data`);
    return path.join(dir, id);
  };
  return {
    write: async (id, parts, limit) => {
      const part = `${fileOf(id)}.part`;
      await mkdir(dir, { recursive: true, mode: 0o750 });
      const file = await open(part, 'wx', 0o640);
      try {
        const kept = await copy(file, parts, limit);
        await file.sync();
        await file.close();
        await rename(part, fileOf(id));
        await syncDirectory(dir);
        return kept;
      } catch (err) {
        await file.close().catch(() => undefined);
        await rm(part, { force: true }).catch(() => undefined);
        // Somebody removed it meanwhile: nobody wants the data any more.
        throw isMissing(err) ? new Fault('conflict', 'image.gone', {}, { cause: err }) : asFull(err);
      }
    },
    open: async (id, choose) => {
      const file = await open(fileOf(id), 'r').catch((err: unknown) => {
        if (isMissing(err)) return null;
        throw err;
      });
      if (!file) return null;
      try {
        const { size } = await file.stat();
        const part = choose?.(size);
        return { size, part, stream: file.createReadStream({ highWaterMark: READ_BYTES, ...part }) };
      } catch (err) {
        await file.close();
        throw err;
      }
    },
    remove: async (id) => {
      for (const file of [`${fileOf(id)}.part`, fileOf(id)]) await rm(file, { force: true });
    },
    pathOf: (id) => path.resolve(fileOf(id)),
  };
};
