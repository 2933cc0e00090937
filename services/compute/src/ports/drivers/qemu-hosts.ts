import { rm, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DriverError, type FlavorSpec, type HostView } from '../driver.js';
import { makeDirectory, namesIn, readText, writeWhole } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';
import { diskGb } from './qemu-img.js';
import { keptGb } from './qemu-kept.js';
import { isFile, isRunning, readVm } from './qemu-machines.js';
import { isId } from './qemu-paths.js';
import type { Size, Vm } from './qemu-state.js';
import { readVolume, volumeFile } from './qemu-volume-files.js';

const MIB = 1024 ** 2;
/** Processors are shared: so many machines' for each of the host's. */
const SHARED_BY = 4;
/** The host's own part of its memory. */
const RESERVED = 0.1;

export interface Room {
  limits: { vcpus: number; memoryMb: number; localGb: number };
  used: { vcpus: number; memoryMb: number; localGb: number };
  machines: string[];
  /** @param gb of its disks; absent: of one of its size */
  fits(flavor: Size, gb?: number): boolean;
  /** @param gb of a disk more */
  fitsDisk(gb: number): boolean;
}
const zero: Size = { vcpus: 0, memoryMb: 0, rootGb: 0 };
const larger = (a: Size, b: Size): Size => ({
  vcpus: Math.max(a.vcpus, b.vcpus),
  memoryMb: Math.max(a.memoryMb, b.memoryMb),
  rootGb: Math.max(a.rootGb, b.rootGb),
});
/** GB that a machine of that size has on a disk of its own; a volume is counted by itself. */
export const ownDiskGb = ({ rootVolume }: Pick<Vm, 'rootVolume'>, size: Pick<Size, 'rootGb'>): number =>
  rootVolume === null ? diskGb(size) : 0;
/** A rescue system has a disk of its own, as large as the machine's at most. */
const hasRescueDisk = ({ rescue, task }: Vm): boolean =>
  rescue ? !rescue.iso : task?.kind === 'rescue' && !task.rescue.iso;
/** GB of the disks of a machine. What a resize began with stays within the disk until that is confirmed. */
const disksOf = (vm: Vm, size: Size): number => {
  const resizing = vm.task?.kind === 'resize';
  const former = vm.former ?? (resizing ? vm.size : null);
  return ownDiskGb(vm, size) + (former ? ownDiskGb(vm, former) : 0) + (hasRescueDisk(vm) ? diskGb(size) : 0);
};
/** GB of a volume, of what its snapshots keep, and of the backup that is being put in its place. */
const volumeGb = async (host: QemuHost, id: string): Promise<number> => {
  const volume = await readVolume(host, id);
  if (!volume) return 0;
  const snapshots = Object.values(volume.snapshots ?? {}).reduce((all, gb) => all + gb, 0);
  const restored = volume.source !== null && (await isFile(volumeFile(host, id))) ? volume.sizeGb : 0;
  return volume.sizeGb + snapshots + restored;
};
/**
 * What the region may have, and has: machines that are off as well, since they may be started.
 * @param besides this one is not counted
 */
export const roomOf = async (host: QemuHost, besides?: string): Promise<Room> => {
  const { settings, places } = host;
  await makeDirectory(places.root);
  const disk = await statfs(places.root);
  const limits = {
    vcpus: settings.vcpus ?? os.cpus().length * SHARED_BY,
    memoryMb: settings.memory_mb ?? Math.floor((os.totalmem() / MIB) * (1 - RESERVED)),
    localGb: settings.disk_gb ?? Math.floor((disk.blocks * disk.bsize) / 1024 ** 3),
  };
  const machines = (await namesIn(places.machines)).filter((id) => id !== besides);
  const used = { vcpus: 0, memoryMb: 0, localGb: 0 };
  const add = (size: Size, gb: number): void => {
    used.vcpus += size.vcpus;
    used.memoryMb += size.memoryMb;
    used.localGb += gb;
  };
  for (const id of machines) {
    const vm = await readVm(host, id);
    if (!vm) {
      const reserved = await readReservation(host, id);
      if (reserved) add(reserved, reserved.diskGb ?? diskGb(reserved));
      continue;
    }
    const target = vm.task?.kind === 'resize' ? vm.task.size : zero;
    const size = larger(larger(vm.size, vm.former ?? zero), target);
    add(size, disksOf(vm, size));
  }
  for (const id of await namesIn(places.volumes)) used.localGb += await volumeGb(host, id);
  used.localGb += await keptGb(host, machines);
  return {
    limits,
    used,
    machines,
    fits: ({ vcpus, memoryMb, rootGb }, gb = diskGb({ rootGb })) =>
      used.vcpus + vcpus <= limits.vcpus &&
      used.memoryMb + memoryMb <= limits.memoryMb &&
      used.localGb + gb <= limits.localGb,
    fitsDisk: (gb) => gb <= 0 || used.localGb + gb <= limits.localGb,
  };
};
/**
 * Asks for room, and writes down what takes it before anybody else asks.
 * @param take what others then find counted
 * @throws DriverError NO_CAPACITY, CONFLICT
 */
export const takeRoom = (
  host: QemuHost,
  { besides, has, take }: { besides?: string; has: (room: Room) => boolean; take: () => Promise<void> },
): Promise<void> =>
  host.locks.hold('region', async () => {
    if (!has(await roomOf(host, besides))) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
    await take();
  });
const reservation = (host: QemuHost, id: string): string => path.join(host.places.machine(id), 'size.json');
/** The size of a machine that is not written down yet, in its directory, and GB of its disk; absent: as its size. */
type Reserved = Size & { diskGb?: number };
const readReservation = async (host: QemuHost, id: string): Promise<Reserved | undefined> => {
  const text = isId(id) ? await readText(reservation(host, id)) : undefined;
  return text === undefined ? undefined : (JSON.parse(text) as Reserved);
};
/** Makes the directory of a machine for which there is room. @throws DriverError NO_CAPACITY, CONFLICT */
export const reserveRoom = (host: QemuHost, id: string, size: Reserved): Promise<void> =>
  takeRoom(host, {
    besides: id,
    has: (room) => room.fits(size, size.diskGb),
    take: async () => {
      await makeDirectory(host.places.machines);
      await makeDirectory(host.places.machine(id));
      await writeWhole(reservation(host, id), JSON.stringify(size));
    },
  });
/** vm.json says it now. */
export const endReservation = (host: QemuHost, id: string): Promise<void> => rm(reservation(host, id), { force: true });
export const capacityFor = async (host: QemuHost, { vcpus, memoryMb, rootGb }: FlavorSpec): Promise<number> => {
  const { limits, used } = await roomOf(host);
  const times = (free: number, each: number): number => (each > 0 ? Math.floor(Math.max(0, free) / each) : Infinity);
  return Math.min(
    times(limits.vcpus - used.vcpus, vcpus),
    times(limits.memoryMb - used.memoryMb, memoryMb),
    times(limits.localGb - used.localGb, diskGb({ rootGb })),
    Number.MAX_SAFE_INTEGER,
  );
};
export const hostsOf = async (host: QemuHost): Promise<HostView[]> => {
  const { limits, used, machines } = await roomOf(host);
  const running = await Promise.all(machines.map((id) => isRunning({ id, dir: host.places.machine(id) })));
  return [
    {
      id: `${host.region}-${os.hostname()}`,
      hostName: os.hostname(),
      type: 'QEMU',
      status: 'enabled',
      state: 'up',
      vcpus: limits.vcpus,
      vcpusUsed: used.vcpus,
      memoryMb: limits.memoryMb,
      memoryMbUsed: used.memoryMb,
      localGb: limits.localGb,
      localGbUsed: used.localGb,
      runningVms: running.filter(Boolean).length,
    },
  ];
};
