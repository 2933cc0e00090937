import { open, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { isMissing, writeWhole } from './qemu-files.js';

// The serial log of a machine. QEMU appends to console.log; when it is large its end goes to console.log.1, and it
// begins anew. A line may be lost then, which is better than a guest that fills the host's disk.

const MAX_LOG = 1024 * 1024;
const KEPT = 512 * 1024;

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
const tailOf = async (file: string, bytes: number): Promise<Buffer> => {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const length = Math.min(bytes, size);
      const data = Buffer.alloc(length);
      const { bytesRead } = await handle.read(data, 0, length, size - length);
      return data.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (err) {
    if (isMissing(err)) return Buffer.alloc(0);
    throw err;
  }
};
export const boundLog = async (dir: string): Promise<void> => {
  const [log, former] = [path.join(dir, 'console.log'), path.join(dir, 'console.log.1')];
  if ((await sizeOf(log)) <= MAX_LOG) return;
  await writeWhole(former, await tailOf(log, KEPT));
  await truncate(log, 0);
};
/** The last lines, without carriage returns. */
export const lastLines = async (dir: string, lines: number): Promise<string> => {
  const log = await tailOf(path.join(dir, 'console.log'), KEPT);
  const former = log.length < KEPT ? await tailOf(path.join(dir, 'console.log.1'), KEPT - log.length) : Buffer.alloc(0);
  const text = Buffer.concat([former, log]).toString('utf8').replaceAll('\r', '').replaceAll('\0', '');
  const all = text.replace(/\n$/, '').split('\n');
  return `${all.slice(-lines).join('\n')}\n`;
};
