import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driver.js';
import { discard } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';
import { bytesOf, createOverlay, diskGb, imageInfo, runQemuImg } from './qemu-img.js';
import {
  isFile,
  isRunning,
  kill,
  machineOf,
  readVm,
  spawnMachine,
  statusOf,
  withQmp,
  type Machine,
} from './qemu-machines.js';
import type { ImageFile } from './qemu-images.js';
import type { Task } from './qemu-state.js';

// Changes that go on after the call that began them. vm.json has the one that is going on; whoever looks at the machine
// carries it a step further, in whatever process. Every step may be repeated after a crash.

/** A guest that is not up yet does not hear that it is to shut down: it is asked again. */
const ASK_AGAIN_MS = 10_000;
export const RESIZE_SNAPSHOT = 'nefos-resize';
const at = ({ dir }: Machine, name: string): string => path.join(dir, name);

type Timed = { deadline: number; askedAt?: number };
/** @returns whether the machine is off */
const powerDown = async (machine: Machine, task: Timed): Promise<boolean> => {
  if (!(await isRunning(machine))) {
    // It did as it was asked, so it was up and has read its seed.
    if (task.askedAt !== undefined) await forgetPassword(machine);
    return true;
  }
  const now = Date.now();
  if (now >= task.deadline) {
    await kill(machine);
    return true;
  }
  if (task.askedAt !== undefined && now - task.askedAt < ASK_AGAIN_MS) return false;
  task.askedAt = now;
  await machine.save();
  await withQmp(machine, async (qmp) => {
    // A guest that is paused does not hear it.
    if ((await statusOf(qmp)) === 'paused') await qmp.execute('cont');
    await qmp.execute('system_powerdown');
  });
  return false;
};
/** The guest has its password: from the next boot on the seed is without. */
export const forgetPassword = async (machine: Machine): Promise<void> => {
  if (!(await isFile(at(machine, 'seed-later')))) return;
  await discard(at(machine, 'seed'), machine.host.places.trash);
  await rename(at(machine, 'seed-later'), at(machine, 'seed'));
};
const makeDisk = async (
  machine: Machine,
  name: string,
  disk: { image: ImageFile; gb: number; mostGb?: number },
): Promise<void> => {
  const part = at(machine, `${name}.part`);
  await rm(part, { force: true });
  await createOverlay(machine.host.qemuImg, part, disk);
  await rename(part, at(machine, name));
};
const dropMemory = async (machine: Machine): Promise<void> => {
  if (machine.vm.suspended) {
    machine.vm.suspended = false;
    await machine.save();
  }
  await rm(at(machine, 'state.bin'), { force: true });
};

const suspend = async (machine: Machine, task: Task & { kind: 'suspend' }): Promise<boolean> => {
  const { vm } = machine;
  if (!(await isRunning(machine))) return true;
  if (!vm.suspended) {
    const state = await withQmp(machine, async (qmp) => {
      const status = await statusOf(qmp);
      if (status === 'postmigrate') return 'completed';
      const { status: found = 'none' } = await qmp.execute<{ status?: string }>('query-migrate');
      if (['setup', 'active', 'device', 'pre-switchover', 'cancelling'].includes(found)) return 'goes on';
      if (task.begun === true && ['failed', 'cancelled'].includes(found)) {
        await qmp.execute('cont');
        return 'failed';
      }
      const type = await qmp.execute<string>('qom-get', { path: '/machine', property: 'type' });
      vm.machineType = type.replace(/-machine$/, '');
      task.begun = true;
      await machine.save();
      await qmp.execute('stop');
      // QEMU has no call for a file. The shell sees this text only.
      await qmp.execute('migrate', { uri: 'exec:cat > state.part' });
      return 'goes on';
    });
    if (state === 'goes on') return false;
    if (state === 'failed') throw new DriverError('INTERNAL', "The machine's memory could not be saved.");
    await rename(at(machine, 'state.part'), at(machine, 'state.bin'));
    vm.suspended = true;
    await machine.save();
  }
  await kill(machine);
  return true;
};
const resume = async (machine: Machine, task: Task & { kind: 'resume' }): Promise<boolean> => {
  const { vm } = machine;
  if (!(await isRunning(machine))) {
    if (!vm.suspended) return true; // it ran, and has ended since
    if (task.begun === true) throw new DriverError('INTERNAL', "The machine's memory could not be loaded.");
    task.begun = true;
    await machine.save();
    await spawnMachine(machine, { incoming: true });
  }
  const loaded = await withQmp(machine, async (qmp) => (await statusOf(qmp)) !== 'inmigrate');
  if (!loaded) return false;
  // Before the guest goes on: its memory fits its disks as they are now, and never again.
  await dropMemory(machine);
  await withQmp(machine, async (qmp) => {
    if ((await statusOf(qmp)) !== 'running') await qmp.execute('cont');
  });
  return true;
};
/** Snapshots within the machine's own disk; none when that is a volume. */
export const snapshotsOf = async (machine: Machine): Promise<string[]> =>
  machine.vm.rootVolume === null
    ? (await imageInfo(machine.host.qemuImg, at(machine, 'disk.qcow2'), 'qcow2')).snapshots
    : [];
/** The machine's own disk keeps what it has, and grows. A volume has a size of its own. */
const growDisk = async (machine: Machine, gb: number): Promise<void> => {
  const { qemuImg } = machine.host;
  if (machine.vm.rootVolume !== null) return;
  const disk = at(machine, 'disk.qcow2');
  if (!(await snapshotsOf(machine)).includes(RESIZE_SNAPSHOT))
    await runQemuImg(qemuImg, ['snapshot', '-q', '-c', RESIZE_SNAPSHOT, disk]);
  const { virtualSize } = await imageInfo(qemuImg, disk, 'qcow2');
  if (bytesOf(gb) > virtualSize)
    await runQemuImg(qemuImg, ['resize', '-q', '-f', 'qcow2', '--', disk, String(bytesOf(gb))]);
};
const resize = async (machine: Machine, task: Task & { kind: 'resize' }): Promise<boolean> => {
  const { vm } = machine;
  if (!vm.former) {
    if (!(await powerDown(machine, task))) return false;
    await growDisk(machine, task.size.rootGb);
    vm.former = vm.size;
    vm.size = task.size;
    await machine.save();
  }
  if (task.ran) await spawnMachine(machine);
  return true;
};
const revert = async (machine: Machine, task: Task & { kind: 'revert' }): Promise<boolean> => {
  const { vm, host } = machine;
  if (vm.former) {
    if (!(await powerDown(machine, task))) return false;
    const disk = at(machine, 'disk.qcow2');
    if ((await snapshotsOf(machine)).includes(RESIZE_SNAPSHOT)) {
      await runQemuImg(host.qemuImg, ['snapshot', '-q', '-a', RESIZE_SNAPSHOT, disk]);
      await runQemuImg(host.qemuImg, ['snapshot', '-q', '-d', RESIZE_SNAPSHOT, disk]);
    }
    vm.size = vm.former;
    vm.former = null;
    await machine.save();
  }
  if (task.ran) await spawnMachine(machine);
  return true;
};
/** Another system has the machine's disk as its second one. */
const rescue = async (machine: Machine, task: Task & { kind: 'rescue' }): Promise<boolean> => {
  const { vm } = machine;
  if (!vm.rescue) {
    await kill(machine);
    await dropMemory(machine);
    if (!task.rescue.iso)
      await makeDisk(machine, 'rescue.qcow2', { image: task.rescue.image, gb: 0, mostGb: diskGb(vm.size) });
    vm.rescue = task.rescue;
    await machine.save();
  }
  await spawnMachine(machine);
  return true;
};
const unrescue = async (machine: Machine): Promise<boolean> => {
  const { vm, host } = machine;
  if (vm.rescue) {
    await kill(machine);
    vm.rescue = null;
    await machine.save();
  }
  await rm(at(machine, 'rescue.qcow2'), { force: true });
  await discard(at(machine, 'seed-rescue'), host.places.trash);
  await spawnMachine(machine);
  return true;
};
/** The seed of a rebuild, which was written before; `seed.new` goes last, so that this can be repeated. */
const takeNewSeed = async (machine: Machine): Promise<void> => {
  const { trash } = machine.host.places;
  if (!(await isFile(at(machine, 'seed.new')))) return;
  await discard(at(machine, 'seed'), trash);
  if (await isFile(at(machine, 'seed-later.new'))) {
    await discard(at(machine, 'seed-later'), trash);
    await rename(at(machine, 'seed-later.new'), at(machine, 'seed-later'));
  } else if (machine.vm.task?.kind === 'rebuild' && !machine.vm.task.withPassword)
    await discard(at(machine, 'seed-later'), trash);
  await rename(at(machine, 'seed.new'), at(machine, 'seed'));
};
const rebuild = async (machine: Machine, task: Task & { kind: 'rebuild' }): Promise<boolean> => {
  const { vm } = machine;
  if (vm.rebuilt !== task.key) {
    await kill(machine);
    await dropMemory(machine);
    await makeDisk(machine, 'disk.qcow2', { image: task.image, gb: vm.size.rootGb });
    await takeNewSeed(machine);
    vm.image = task.image;
    vm.former = null;
    vm.rescue = null;
    vm.rebuilt = task.key;
    await machine.save();
  }
  if (task.ran) await spawnMachine(machine);
  return true;
};

const step = async (machine: Machine, task: Task): Promise<boolean> => {
  switch (task.kind) {
    case 'create':
      if (machine.vm.image && machine.vm.rootVolume === null && !(await isFile(at(machine, 'disk.qcow2'))))
        await makeDisk(machine, 'disk.qcow2', { image: machine.vm.image, gb: machine.vm.size.rootGb });
      await spawnMachine(machine);
      return true;
    case 'start':
      await spawnMachine(machine);
      return true;
    case 'stop':
      if (!(await powerDown(machine, task))) return false;
      await dropMemory(machine);
      return true;
    case 'reboot':
      if (Date.now() >= task.deadline && (await isRunning(machine))) {
        await withQmp(machine, async (qmp) => {
          await qmp.execute('system_reset');
          if ((await statusOf(qmp)) !== 'running') await qmp.execute('cont');
        });
        return true;
      }
      if (!(await powerDown(machine, task))) return false;
      await dropMemory(machine);
      await spawnMachine(machine);
      return true;
    case 'suspend':
      return suspend(machine, task);
    case 'resume':
      return resume(machine, task);
    case 'resize':
      return resize(machine, task);
    case 'revert':
      return revert(machine, task);
    case 'rescue':
      return rescue(machine, task);
    case 'unrescue':
      return unrescue(machine);
    case 'rebuild':
      return rebuild(machine, task);
  }
};
/**
 * Carries the machine's task a step further. One that can not be done ends, and is the machine's fault then.
 * @returns whether there is none any more
 * @throws DriverError which the next try may not meet
 */
export const advance = async (machine: Machine): Promise<boolean> => {
  const { vm } = machine;
  if (!vm.task) return true;
  try {
    if (!(await step(machine, vm.task))) return false;
  } catch (err) {
    if (!(err instanceof DriverError) || err.retryable) throw err;
    machine.host.log.warn({ err, cause: err.cause, instance: vm.portalId, task: vm.task.kind }, 'a task failed');
    vm.fault = { code: err.code, message: err.message };
  }
  vm.task = null;
  await machine.save();
  return true;
};

/** Machines whose tasks this process carries on by itself, with nobody looking. */
const driven = new Set<string>();
/** Carries the task of a machine on until it has none. */
export const drive = (host: QemuHost, id: string, isClosed: () => boolean): void => {
  const key = host.places.machine(id);
  if (driven.has(key)) return;
  driven.add(key);
  const loop = async (): Promise<void> => {
    for (let pause = 20; !isClosed(); pause = Math.min(pause * 1.5, 500)) {
      await sleep(pause, undefined, { ref: false });
      const done = await host.locks.tryHold(id, async () => {
        const vm = await readVm(host, id);
        return !vm || (await advance(machineOf(host, vm)));
      });
      if (done === true) return;
    }
  };
  void loop()
    .catch((err: unknown) => host.log.warn({ err, instance: id }, 'the task of a machine waits for the next look'))
    .finally(() => driven.delete(key));
};
