import { DriverError, type ComputeDriver } from '../driver.js';
import { diskDevice, diskNode, rootNode } from './qemu-command.js';
import { dropNode, freeSlot, hasDevice, hasNode, unplug } from './qemu-devices.js';
import type { QemuHost } from './qemu-host.js';
import { holdMachine, isFile, isRunning, withQmp, type Machine } from './qemu-machines.js';
import { demandAwake, invalidState, type Disk } from './qemu-state.js';
import { advance } from './qemu-tasks.js';
import { deviceOf, readVolume, saveVolume, volumeFile } from './qemu-volume-files.js';
import { lookAtVolume } from './qemu-volumes.js';

// Volumes of machines. vm.json has those of a machine, volume.json the machine; the one is written before the other,
// and a repetition of the call brings both together.

const plug = (machine: Machine, { volumeId, slot }: Disk): Promise<void> =>
  withQmp(machine, async (qmp) => {
    const node = diskNode(volumeId);
    if (!(await hasNode(qmp, node)))
      await qmp.execute('blockdev-add', rootNode(volumeFile(machine.host, volumeId), node));
    if (!(await hasDevice(qmp, node))) await qmp.execute('device_add', diskDevice(volumeId, slot));
  });
/** Writes down that the machine has the volume. @throws DriverError NOT_FOUND, CONFLICT, INVALID_STATE */
export const claimVolume = (host: QemuHost, machineId: string, volumeId: string): Promise<void> =>
  host.locks.hold(volumeId, async () => {
    const volume = await readVolume(host, volumeId);
    if (!volume) throw new DriverError('NOT_FOUND', 'There is no such volume.');
    if (volume.machine === machineId) return;
    // One whose directory is gone has nothing: its process died before it wrote the machine down.
    if (volume.machine !== null && (await isFile(host.places.machine(volume.machine))))
      throw new DriverError('CONFLICT', 'Another machine has the volume.');
    if ((await lookAtVolume(host, volume)) !== 'ready') throw invalidState('The volume is not ready.');
    await saveVolume(host, { ...volume, machine: machineId });
  });
export const giveBack = (host: QemuHost, machineId: string, volumeId: string): Promise<void> =>
  host.locks.hold(volumeId, async () => {
    const volume = await readVolume(host, volumeId);
    if (volume?.machine === machineId) await saveVolume(host, { ...volume, machine: null });
  });
/** All that a machine has: it is going to be deleted. */
export const detachAll = async (machine: Machine): Promise<void> => {
  const { rootVolume, disks } = machine.vm;
  for (const id of [...(rootVolume === null ? [] : [rootVolume]), ...disks.map(({ volumeId }) => volumeId)])
    await giveBack(machine.host, machine.id, id);
};

export const attachmentCalls = (host: QemuHost) =>
  ({
    attachVolume: ({ portalId }, { portalId: volumeId }) =>
      holdMachine(host, portalId, async (machine) => {
        if (!(await advance(machine))) throw invalidState('The machine changes at the moment.');
        const { vm } = machine;
        if (vm.rootVolume === volumeId) return deviceOf(volumeId);
        let disk = vm.disks.find((one) => one.volumeId === volumeId);
        if (!disk) demandAwake(vm);
        await claimVolume(host, portalId, volumeId);
        if (!disk) {
          disk = { volumeId, slot: freeSlot(machine), device: deviceOf(volumeId) };
          vm.disks.push(disk);
          await machine.save();
        }
        if (await isRunning(machine)) await plug(machine, disk);
        return disk.device;
      }),
    detachVolume: ({ portalId }, { portalId: volumeId }) =>
      holdMachine(host, portalId, async (machine) => {
        if (!(await advance(machine))) throw invalidState('The machine changes at the moment.');
        const { vm } = machine;
        if (vm.rootVolume === volumeId)
          throw new DriverError('INVALID_REQUEST', 'The root disk of a machine can not be taken from it.');
        if (await isRunning(machine)) {
          const node = diskNode(volumeId);
          await unplug(machine, node);
          await withQmp(machine, (qmp) => dropNode(qmp, node));
        }
        if (vm.disks.some((one) => one.volumeId === volumeId)) {
          demandAwake(vm);
          vm.disks = vm.disks.filter((one) => one.volumeId !== volumeId);
          await machine.save();
        }
        await giveBack(host, portalId, volumeId);
      }),
  }) satisfies Partial<ComputeDriver>;
