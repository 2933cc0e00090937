import path from 'node:path';
import { DriverError, type GuestSpec, type InstanceSpec, type Ref } from '../driver.js';
import { discard } from './qemu-files.js';
import { SLOTS } from './qemu-command.js';
import { endReservation, ownDiskGb, reserveRoom } from './qemu-hosts.js';
import type { QemuHost } from './qemu-host.js';
import { machineOf, readVm } from './qemu-machines.js';
import { makeNic, releaseAll, takeForwards } from './qemu-network.js';
import { checkedId } from './qemu-paths.js';
import { seedFiles, writeSeed } from './qemu-seed.js';
import type { Disk, Nic, Size, Vm } from './qemu-state.js';
import { advance, drive } from './qemu-tasks.js';
import { claimVolume, giveBack } from './qemu-volume-attachments.js';
import { deviceOf, readVolume } from './qemu-volume-files.js';

/** With line ends behind it; what is compressed may have zeros only. */
const asLongAs = (data: Buffer, { length }: Buffer): Buffer =>
  Buffer.concat([data, Buffer.alloc(Math.max(0, length - data.length), data[0] === 0x1f ? 0 : '\n')]);
/** Writes what the guest reads at its first boot, and what it reads once it has its password. */
export const writeSeeds = async (
  dir: string,
  suffix: '' | '.new',
  about: { instanceId: string; name: string; nics: readonly Nic[] },
  guest: GuestSpec,
): Promise<void> => {
  const first = seedFiles(about, guest);
  if (guest.rootPassword !== undefined) {
    const { rootPassword: _gone, ...later } = guest;
    const files = seedFiles(about, later);
    // QEMU reads it in the place of the other while the machine runs, with the size that it found at the start.
    const data = asLongAs(files['user-data'], first['user-data']);
    await writeSeed(path.join(dir, `seed-later${suffix}`), { ...files, 'user-data': data });
  }
  await writeSeed(path.join(dir, `seed${suffix}`), first);
};
export const sizeOf = ({ vcpus, memoryMb, rootGb }: Size): Size => ({ vcpus, memoryMb, rootGb });

/** @throws DriverError INVALID_REQUEST, UNSUPPORTED, NO_CAPACITY */
const prepare = async (host: QemuHost, spec: InstanceSpec): Promise<Vm> => {
  const id = spec.portalId;
  const root = spec.volumes?.find(({ boot }) => boot)?.volume.portalId ?? null;
  const volumes = (spec.volumes ?? []).filter(({ boot }) => !boot).map(({ volume }) => volume.portalId);
  if (volumes.length > SLOTS) throw new DriverError('INVALID_REQUEST', `A machine has ${SLOTS} volumes at most.`);
  if (!spec.image && root === null)
    throw new DriverError('UNSUPPORTED', 'A machine without an image can not be made here.');
  if (spec.flavor.ephemeralGb > 0 || spec.flavor.swapMb > 0)
    throw new DriverError('UNSUPPORTED', 'Flavors with ephemeral disks or swap can not be had here.');
  const made = root === null && spec.image ? await host.images.find(spec.image) : null;
  const dir = host.places.machine(id);
  await reserveRoom(host, id, { ...sizeOf(spec.flavor), diskGb: ownDiskGb({ rootVolume: root }, spec.flavor) });
  if (root !== null) await claimVolume(host, id, root);
  const image = root === null ? made : ((await readVolume(host, root))?.image ?? null);
  const disks: Disk[] = [];
  for (const [slot, volumeId] of volumes.entries()) {
    await claimVolume(host, id, volumeId);
    disks.push({ volumeId, slot, device: deviceOf(volumeId) });
  }
  const nics: Nic[] = [];
  for (const [i, nic] of spec.nics.entries()) nics.push(await makeNic(host, id, nic, nic.portId ?? String(i)));
  const [first] = nics;
  if (first && first.bridge === null && host.settings.forward_to.length) first.forwards = await takeForwards(host, id);
  await writeSeeds(dir, '', { instanceId: id, name: spec.name, nics }, spec.guest ?? {});
  return {
    version: 1,
    portalId: id,
    name: spec.name,
    size: sizeOf(spec.flavor),
    image,
    rootVolume: root,
    nics,
    disks,
    former: null,
    rescue: null,
    suspended: false,
    cpu: null,
    rebuilt: null,
    task: { kind: 'create' },
    fault: null,
  };
};
/** Makes a machine: what it needs first, vm.json then, and from there on it is built by whoever looks at it. */
export const createCreator =
  (host: QemuHost, isClosed: () => boolean) =>
  async (spec: InstanceSpec): Promise<Ref> => {
    const id = checkedId(spec.portalId);
    await host.locks.hold(id, async () => {
      const found = await readVm(host, id);
      const machine = machineOf(
        host,
        found ?? (await prepare(host, spec).catch((err: unknown) => undo(host, spec, err))),
      );
      if (!found) await machine.save();
      await endReservation(host, id);
      await advance(machine);
      const { fault } = machine.vm;
      if (fault) throw new DriverError(fault.code as DriverError['code'], fault.message);
    });
    drive(host, id, isClosed);
    return { portalId: id, backendId: id };
  };
const undo = async (host: QemuHost, { portalId: id, volumes = [] }: InstanceSpec, err: unknown): Promise<never> => {
  for (const { volume } of volumes) await giveBack(host, id, volume.portalId);
  await releaseAll(host, id);
  await discard(host.places.machine(id), host.places.trash);
  throw err;
};
