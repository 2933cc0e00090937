import { stat } from 'node:fs/promises';
import path from 'node:path';
import { namesIn, readText } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';

// What files of a region take beside the disks of machines and volumes.

/** Bytes on the disk; 0: there is no such file. */
const writtenOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ blocks }) => blocks * 512,
    () => 0,
  );
/** What a copy that is being made may come to take: <name>.job has it, beside who makes it (qemu-copies.ts). */
const promisedTo = async (job: string): Promise<number> => {
  const text = await readText(job);
  return text === undefined ? 0 : ((JSON.parse(text) as { gb?: number }).gb ?? 0);
};
/** Images of machines and backups of volumes. */
const copiesIn = async (dir: string): Promise<{ bytes: number; gb: number }> => {
  const names = await namesIn(dir);
  const all = new Set(names);
  const total = { bytes: 0, gb: 0 };
  for (const name of names) {
    const of = name.replace(/\.job$/, '');
    if (of === name) total.bytes += name.endsWith('.part') ? 0 : await writtenOf(path.join(dir, name));
    else if (!all.has(of) && !all.has(`${of}.failed`)) total.gb += await promisedTo(path.join(dir, name));
  }
  return total;
};
/** Logs of a machine, and its memory while it is suspended. */
const MACHINE_FILES = ['console.log', 'console.log.1', 'state.bin', 'state.part'];
/** GB of all of it; what is written counts once it comes to a whole GB. */
export const keptGb = async ({ places }: QemuHost, machines: readonly string[]): Promise<number> => {
  const total = { bytes: 0, gb: 0 };
  for (const dir of [places.images, places.backups]) {
    const { bytes, gb } = await copiesIn(dir);
    total.bytes += bytes;
    total.gb += gb;
  }
  for (const id of machines)
    for (const name of MACHINE_FILES) total.bytes += await writtenOf(path.join(places.machines, id, name));
  return total.gb + Math.floor(total.bytes / 1024 ** 3);
};
