import path from 'node:path';
import { DriverError, type ComputeDriver } from '../driver.js';
import { sizeOf, writeSeeds } from './qemu-create.js';
import { discard } from './qemu-files.js';
import { ownDiskGb, takeRoom } from './qemu-hosts.js';
import type { QemuHost } from './qemu-host.js';
import { demandAtMost, diskGb, imageInfo, runQemuImg } from './qemu-img.js';
import { holdMachine, isRunning, withQmp, type Machine } from './qemu-machines.js';
import { deadlineIn, type Actor } from './qemu-power.js';
import { seedFiles, writeSeed } from './qemu-seed.js';
import { invalidState, type Size, type Task } from './qemu-state.js';
import { advance, RESIZE_SNAPSHOT, snapshotsOf } from './qemu-tasks.js';

// Other sizes, other systems, other disks.

const isSame = (a: Size, b: Size): boolean => a.vcpus === b.vcpus && a.memoryMb === b.memoryMb && a.rootGb === b.rootGb;
/** Writes the task down, which takes room on the host, before anybody else asks for that. */
const saveTask = async (machine: Machine, task: Task): Promise<void> => {
  machine.vm.task = task;
  await machine.save();
};
/** Forgets the disk as it was before a resize: also while the machine runs. */
const forgetFormer = async (machine: Machine): Promise<void> => {
  if (await isRunning(machine)) {
    await withQmp(machine, async (qmp) => {
      const nodes =
        await qmp.execute<{ 'node-name': string; image: { snapshots?: { name: string }[] } }[]>(
          'query-named-block-nodes',
        );
      const root = nodes.find((node) => node['node-name'] === 'root');
      if (root?.image.snapshots?.some(({ name }) => name === RESIZE_SNAPSHOT))
        await qmp.execute('blockdev-snapshot-delete-internal-sync', { device: 'root', name: RESIZE_SNAPSHOT });
    });
    return;
  }
  if ((await snapshotsOf(machine)).includes(RESIZE_SNAPSHOT))
    await runQemuImg(machine.host.qemuImg, [
      'snapshot',
      '-q',
      '-d',
      RESIZE_SNAPSHOT,
      path.join(machine.dir, 'disk.qcow2'),
    ]);
};

const resizeCalls = (host: QemuHost, { begin }: Actor) =>
  ({
    resize: (ref, flavor, { graceSeconds }) =>
      begin(ref, 'resize', async (machine) => {
        const size = sizeOf(flavor);
        if (machine.vm.former) {
          if (isSame(machine.vm.size, size)) return null;
          throw invalidState('The machine has another size that is not confirmed.');
        }
        if (machine.vm.rootVolume === null && size.rootGb < machine.vm.size.rootGb)
          throw new DriverError('INVALID_REQUEST', 'A disk can not be made smaller.');
        const ran = await isRunning(machine);
        const task = { kind: 'resize' as const, deadline: deadlineIn(graceSeconds), ran, size };
        const take = () => saveTask(machine, task);
        // The former disk stays within the new one until that is confirmed.
        const gb = ownDiskGb(machine.vm, size) + ownDiskGb(machine.vm, machine.vm.size);
        await takeRoom(host, { besides: machine.id, has: (room) => room.fits(size, gb), take });
        return task;
      }),
    confirmResize: ({ portalId }) =>
      holdMachine(host, portalId, async (machine) => {
        if (!(await advance(machine))) throw invalidState('The machine changes at the moment.');
        if (!machine.vm.former) return;
        await forgetFormer(machine);
        machine.vm.former = null;
        await machine.save();
      }),
    revertResize: (ref, { graceSeconds }) =>
      begin(ref, 'revert', async (machine) =>
        machine.vm.former
          ? { kind: 'revert', deadline: deadlineIn(graceSeconds), ran: await isRunning(machine) }
          : null,
      ),
  }) satisfies Partial<ComputeDriver>;

const systemCalls = (host: QemuHost, { begin }: Actor) =>
  ({
    rescue: (ref, { image, iso, password }) =>
      begin(ref, 'rescue', async (machine) => {
        const { vm, id, dir } = machine;
        if (vm.rescue) return null;
        const found = image ? await host.images.find(image) : vm.image;
        if (!found) throw new DriverError('INVALID_REQUEST', 'The machine was made of no image: one must be given.');
        // The disk of a rescue system takes as much of the host as the machine's.
        const gb = diskGb(vm.size);
        if (!iso) demandAtMost(await imageInfo(host.qemuImg, found.file, found.format), gb);
        await discard(path.join(dir, 'seed-rescue'), host.places.trash);
        const about = { instanceId: `${id}-rescue`, name: vm.name, nics: vm.nics };
        await writeSeed(
          path.join(dir, 'seed-rescue'),
          seedFiles(about, password === null ? {} : { rootPassword: password }),
        );
        const task = { kind: 'rescue' as const, rescue: { image: found, iso } };
        await takeRoom(host, { has: (room) => iso || room.fitsDisk(gb), take: () => saveTask(machine, task) });
        return task;
      }),
    unrescue: (ref) =>
      begin(ref, 'unrescue', (machine) => Promise.resolve(machine.vm.rescue ? { kind: 'unrescue' } : null)),
    rebuild: (ref, { key, name, image, guest }) =>
      begin(ref, 'rebuild', async (machine) => {
        const { vm, id, dir } = machine;
        if (vm.rebuilt === key) return null;
        if (vm.rootVolume !== null) throw new DriverError('UNSUPPORTED', 'A volume is not made anew from an image.');
        const found = await host.images.find(image);
        for (const left of ['seed.new', 'seed-later.new']) await discard(path.join(dir, left), host.places.trash);
        vm.name = name;
        // cloud-init does its work again for another instance.
        await writeSeeds(dir, '.new', { instanceId: `${id}-${key}`, name, nics: vm.nics }, guest);
        const withPassword = guest.rootPassword !== undefined;
        return { kind: 'rebuild', key, image: found, ran: await isRunning(machine), withPassword };
      }),
  }) satisfies Partial<ComputeDriver>;
export const modeCalls = (host: QemuHost, actor: Actor) => ({
  ...resizeCalls(host, actor),
  ...systemCalls(host, actor),
});
