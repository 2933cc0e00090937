import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

// Small files of the driver: readable by its own user only, written whole or not at all.

const code = (err: unknown): string | undefined => (err as NodeJS.ErrnoException).code;
export const isMissing = (err: unknown): boolean => code(err) === 'ENOENT';
export const isThere = (err: unknown): boolean => code(err) === 'EEXIST';

export const makeDirectory = async (dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
};
/** On stable storage when the promise resolves; another process sees the former content or this one. */
export const writeWhole = async (file: string, data: string | Buffer): Promise<void> => {
  const part = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(part, 'wx', 0o600);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
    await syncDirectory(path.dirname(file));
  } catch (err) {
    await rm(part, { force: true }).catch(() => undefined);
    throw err;
  }
};
export const syncDirectory = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
/** Undefined: there is no such file. */
export const readText = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8');
  } catch (err) {
    if (isMissing(err) || code(err) === 'ENOTDIR') return undefined;
    throw err;
  }
};
/** Names in a directory, sorted; none when it is not there. */
export const namesIn = async (dir: string): Promise<string[]> => {
  try {
    return (await readdir(dir)).sort();
  } catch (err) {
    if (isMissing(err)) return [];
    throw err;
  }
};
/** Creates a file that was not there. @returns false: it is there */
export const createOnce = async (file: string, text: string): Promise<boolean> => {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (err) {
    if (isThere(err)) return false;
    throw err;
  }
};
/** Moves a directory out of sight, and deletes it. */
export const discard = async (dir: string, trash: string): Promise<void> => {
  await makeDirectory(trash);
  const gone = path.join(trash, `${path.basename(dir)}.${randomBytes(6).toString('hex')}`);
  try {
    await rename(dir, gone);
  } catch (err) {
    if (isMissing(err)) return;
    throw err;
  }
  await rm(gone, { recursive: true, force: true });
};
/** Deletes what a process left in the trash that died. */
export const emptyTrash = async (trash: string): Promise<void> => {
  for (const name of await namesIn(trash)) await rm(path.join(trash, name), { recursive: true, force: true });
};
