import { readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DriverError } from '../driver.js';
import { dropNode } from './qemu-devices.js';
import { makeDirectory, namesIn, readText, writeWhole } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';
import { takeRoom } from './qemu-hosts.js';
import { gbOf, imageInfo, runDetached, runQemuImg } from './qemu-img.js';
import { isFile, isRunning, withQmp } from './qemu-machines.js';
import type { Qmp } from './qemu-qmp.js';

// Whole copies of disks, which take their time: by a job within QEMU while a machine runs, else by a qemu-img of its
// own. Both go on when this process ends. A copy has its name when all of it is there; <name>.job says who makes it.

export interface CopySource {
  file: string;
  format?: string;
  /** An internal snapshot of it. */
  snapshot?: string;
  /** The machine that has it, and its name there. */
  machine?: { id: string; node: string };
}
export type CopyState = 'none' | 'busy' | 'ready' | 'failed';
/** By whom a copy is made: not known yet, a process, a machine. `gb`: what it may come to take, when that counts. */
type Job = { gb?: number } | { gb?: number; pid: number } | { gb?: number; machine: string; job: string };

/** What a copy takes of the room of the region. */
interface Counted {
  gb?: number;
}
const names = (target: string) => ({
  part: `${target}.part`,
  file: target,
  failed: `${target}.failed`,
  job: `${target}.job`,
});
const readJob = async (target: string): Promise<Job | undefined> => {
  const text = await readText(names(target).job);
  return text === undefined ? undefined : (JSON.parse(text) as Job);
};
const isAlive = async (pid: number, part: string): Promise<boolean> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (args) => args.split('\0').includes(part),
    () => false,
  );
const machineAt = (host: QemuHost, id: string) => ({ id, dir: host.places.machine(id) });

interface QemuJob {
  id: string;
  status: string;
  error?: string;
}
const findJob = async (qmp: Qmp, id: string): Promise<QemuJob | undefined> =>
  (await qmp.execute<QemuJob[]>('query-jobs')).find((one) => one.id === id);
/** Ends with the node of the target: QEMU has the file open no more. */
const endJob = async (qmp: Qmp, { id, status }: QemuJob): Promise<void> => {
  if (status === 'concluded') await qmp.execute('job-dismiss', { id });
  await dropNode(qmp, id);
};

const beginJob = async (host: QemuHost, source: CopySource, target: string, counted: Counted): Promise<void> => {
  const { id, node } = source.machine as { id: string; node: string };
  const { part, job } = names(target);
  const { virtualSize } = await imageInfo(host.qemuImg, source.file, 'qcow2');
  const name = `c-${path.basename(target).replaceAll('-', '').slice(0, 28)}`;
  await withQmp(machineAt(host, id), async (qmp) => {
    const found = await findJob(qmp, name);
    if (found) await cancelJob(qmp, found);
    await rm(part, { force: true });
    await runQemuImg(host.qemuImg, ['create', '-q', '-f', 'qcow2', '--', part, String(virtualSize)]);
    await writeWhole(job, JSON.stringify({ ...counted, machine: id, job: name }));
    await qmp.execute('blockdev-add', {
      driver: 'qcow2',
      'node-name': name,
      discard: 'unmap',
      file: { driver: 'file', filename: part },
    });
    await qmp.execute('blockdev-backup', {
      'job-id': name,
      device: node,
      target: name,
      sync: 'full',
      'auto-dismiss': false,
    });
  });
};
const cancelJob = async (qmp: Qmp, job: QemuJob): Promise<void> => {
  if (job.status !== 'concluded') {
    await qmp.execute('job-cancel', { id: job.id });
    await qmp.event(
      ({ event, data }) => event === 'JOB_STATUS_CHANGE' && data.id === job.id && data.status === 'concluded',
      10_000,
    );
  }
  await endJob(qmp, { ...job, status: 'concluded' });
};

/** Begins a copy as qcow2 unless it is there or being made. Called under the lock of whoever owns the source. */
export const beginCopy = async (
  host: QemuHost,
  source: CopySource,
  target: string,
  counted: Counted = {},
): Promise<void> => {
  if (['ready', 'busy'].includes(await lookAtCopy(host, target))) return;
  await makeDirectory(path.dirname(target));
  const { part, file, failed, job } = names(target);
  await rm(failed, { force: true });
  if (source.machine && (await isRunning(machineAt(host, source.machine.id))))
    return beginJob(host, source, target, counted);
  await rm(part, { force: true });
  const snapshot = source.snapshot === undefined ? [] : ['-l', `snapshot.name=${source.snapshot}`];
  const command = [host.qemuImg, 'convert', '-q', '-f', source.format ?? 'qcow2', '-O', 'qcow2', ...snapshot];
  const pid = runDetached([...command, '--', source.file, part], { part, file, failed, job }, counted);
  if (pid === undefined) throw new DriverError('UNAVAILABLE', 'qemu-img is not installed on the host.');
  // It writes the same by itself, in a moment: then nobody looks before.
  await writeWhole(job, JSON.stringify({ ...counted, pid }));
};
/** Begins a copy that stays beside its source, as `beginCopy`. @throws DriverError NO_CAPACITY: it has no room */
export const beginKept = async (host: QemuHost, source: CopySource, target: string): Promise<void> => {
  if (['ready', 'busy'].includes(await lookAtCopy(host, target))) return;
  const { virtualSize } = await imageInfo(host.qemuImg, source.file, source.format ?? 'qcow2');
  const counted = { gb: gbOf(virtualSize) };
  const { job } = names(target);
  await makeDirectory(path.dirname(target));
  // What a process took for it that has died.
  await rm(job, { force: true });
  const take = (): Promise<void> => writeWhole(job, JSON.stringify(counted));
  await takeRoom(host, { has: (room) => room.fitsDisk(counted.gb), take });
  await beginCopy(host, source, target, counted);
};
/** How a copy stands. One that is done within QEMU gets its name here. */
export const lookAtCopy = async (host: QemuHost, target: string): Promise<CopyState> => {
  const { part, file, failed, job } = names(target);
  if (await isFile(file)) {
    await rm(job, { force: true });
    return 'ready';
  }
  if (await isFile(failed)) return 'failed';
  const found = await readJob(target);
  if (!found) return 'none';
  if ('pid' in found) {
    if (await isAlive(found.pid, part)) return 'busy';
    // It may have ended since the first look.
    if (await isFile(file)) return 'ready';
    return (await isFile(failed)) ? 'failed' : 'none';
  }
  if (!('machine' in found)) return 'none';
  const machine = machineAt(host, found.machine);
  if (!(await isRunning(machine))) return (await isFile(file)) ? 'ready' : 'none';
  return withQmp(machine, async (qmp) => {
    const one = await findJob(qmp, found.job);
    if (!one) return (await isFile(file)) ? 'ready' : 'none';
    if (one.status !== 'concluded') return 'busy';
    if (one.error !== undefined) {
      host.log.warn({ reason: one.error, instance: found.machine }, 'a copy of a disk failed');
      await writeWhole(failed, one.error);
    }
    await endJob(qmp, one);
    if (one.error !== undefined) {
      await rm(part, { force: true });
      return 'failed';
    }
    await rename(part, file);
    return 'ready';
  });
};
/** Takes a copy away, and ends what makes it. */
export const removeCopy = async (host: QemuHost, target: string): Promise<void> => {
  const { part } = names(target);
  const found = await readJob(target);
  if (found && 'pid' in found && (await isAlive(found.pid, part)))
    try {
      process.kill(-found.pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  if (found && 'machine' in found && (await isRunning(machineAt(host, found.machine))))
    await withQmp(machineAt(host, found.machine), async (qmp) => {
      const one = await findJob(qmp, found.job);
      if (one) await cancelJob(qmp, one);
    });
  // Also what a process left half written that was killed: all names begin with that of the copy.
  const dir = path.dirname(target);
  for (const name of await namesIn(dir))
    if (`${name}.`.startsWith(`${path.basename(target)}.`)) await rm(path.join(dir, name), { force: true });
};
export const copySize = async (target: string): Promise<number> => (await stat(target)).size;
