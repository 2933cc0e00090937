import { execFile, spawn } from 'node:child_process';
import { DriverError } from '../driver.js';
import { childEnv } from './qemu-env.js';

// Calls of qemu-img. Arguments are a list: no shell sees them.

const LIMIT_MS = 25_000;
const GIB = 1024 ** 3;

/** What qemu-img says that went wrong as the portal knows it. */
const failed = (stderr: string, cause: unknown): DriverError => {
  if (/No space left|Disk quota/i.test(stderr))
    return new DriverError('NO_CAPACITY', 'The host has no room left on its disk.', { cause });
  if (/Failed to get .*lock|is in use/i.test(stderr))
    return new DriverError('CONFLICT', 'The disk is in use.', { cause });
  if ((cause as NodeJS.ErrnoException | null)?.code === 'ENOENT')
    return new DriverError('UNAVAILABLE', 'qemu-img is not installed on the host.', { cause });
  return new DriverError('INTERNAL', 'qemu-img could not do it.', { cause: new Error(stderr.slice(-2000), { cause }) });
};
/** @throws DriverError */
export const runQemuImg = (qemuImg: string, args: readonly string[], limitMs = LIMIT_MS): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      qemuImg,
      [...args],
      { timeout: limitMs, maxBuffer: 4 * 1024 * 1024, env: childEnv() },
      (err, stdout, stderr) => {
        if (!err) resolve(stdout);
        else if (err.killed) reject(new DriverError('TIMEOUT', 'qemu-img was not ready in time.', { cause: err }));
        else reject(failed(stderr, err));
      },
    );
  });

export interface ImageInfo {
  format: string;
  virtualSize: number;
  actualSize: number;
  /** Names of internal snapshots. */
  snapshots: string[];
  refersElsewhere: boolean;
}
interface RawInfo {
  format: string;
  'virtual-size': number;
  'actual-size': number;
  'backing-filename'?: string;
  snapshots?: { name: string }[];
  'format-specific'?: { data?: { 'data-file'?: string; extents?: { filename: string }[] } };
}
/** @param format as which it is read: none is guessed, since whoever wrote a raw disk could choose it */
export const imageInfo = async (qemuImg: string, file: string, format: string): Promise<ImageInfo> => {
  const args = ['info', '-U', '--output=json', '-f', format, '--', file];
  const info = JSON.parse(await runQemuImg(qemuImg, args)) as RawInfo;
  const data = info['format-specific']?.data;
  return {
    format: info.format,
    virtualSize: info['virtual-size'],
    actualSize: info['actual-size'],
    snapshots: (info.snapshots ?? []).map(({ name }) => name),
    refersElsewhere:
      info['backing-filename'] !== undefined ||
      data?.['data-file'] !== undefined ||
      (data?.extents ?? []).some(({ filename }) => filename !== file),
  };
};
/** The bytes of a disk of so many GB. */
export const bytesOf = (gb: number): number => gb * GIB;
export const gbOf = (bytes: number): number => Math.ceil(bytes / GIB);

/** GB that a disk may have whose flavor says no size (`root_gb` 0); so much is counted for it. */
export const UNSIZED_GB = 20;
export const diskGb = ({ rootGb }: { rootGb: number }): number => (rootGb > 0 ? rootGb : UNSIZED_GB);
/** Whoever made an image has chosen its size. @throws DriverError INVALID_REQUEST: the disk would be larger */
export const demandAtMost = ({ virtualSize }: Pick<ImageInfo, 'virtualSize'>, gb: number): void => {
  if (virtualSize > bytesOf(gb))
    throw new DriverError('INVALID_REQUEST', `The image needs a disk of ${gbOf(virtualSize)} GB, more than ${gb} GB.`);
};
/**
 * A layer above an image.
 * @param options.gb its size; 0: that of the image
 * @param options.mostGb the image may have so much
 */
export const createOverlay = async (
  qemuImg: string,
  file: string,
  {
    image,
    gb,
    mostGb = diskGb({ rootGb: gb }),
  }: { image: { file: string; format: string }; gb: number; mostGb?: number },
): Promise<void> => {
  const info = await imageInfo(qemuImg, image.file, image.format);
  if (info.refersElsewhere) throw new DriverError('INVALID_REQUEST', 'The image refers to another file.');
  demandAtMost(info, mostGb);
  const size = Math.max(info.virtualSize, bytesOf(gb));
  await runQemuImg(qemuImg, [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-b',
    image.file,
    '-F',
    image.format,
    '--',
    file,
    String(size),
  ]);
};
export const createBlank = async (qemuImg: string, file: string, gb: number): Promise<void> => {
  await runQemuImg(qemuImg, ['create', '-q', '-f', 'qcow2', '--', file, String(bytesOf(gb))]);
};

/**
 * Runs qemu-img by itself: it goes on when this process ends. `file` is there when all of it is written; `failed` when
 * it could not be; `job` has the process before it begins, since this one may die at once: a second copy into the same
 * file would be taken for whole when the first one ends. The script is constant, and what it works with are its
 * arguments.
 */
const SCRIPT =
  'umask 077; part=$1; file=$2; failed=$3; job=$4; told=$5; shift 5; rm -f -- "$failed"; ' +
  'printf \'%s"pid":%d}\' "$told" $$ >"$job.$$" && mv -f -- "$job.$$" "$job" || exit 1; ' +
  'if "$@" >/dev/null 2>"$failed.tmp" && sync "$part"; then mv -f -- "$part" "$file"; rm -f -- "$failed.tmp"; ' +
  'else rm -f -- "$part"; mv -f -- "$failed.tmp" "$failed"; fi';
/** @param told what `job` has beside the process */
export const runDetached = (
  command: readonly string[],
  { part, file, failed: bad, job }: { part: string; file: string; failed: string; job: string },
  told: object = {},
): number | undefined => {
  const before = JSON.stringify({ ...told, pid: 0 }).replace(/"pid":0}$/, '');
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'nefos-qemu', part, file, bad, job, before, ...command], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
    env: childEnv(),
  });
  child.on('error', () => undefined);
  child.unref();
  return child.pid;
};
