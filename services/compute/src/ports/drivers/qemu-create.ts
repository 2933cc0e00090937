import path from 'node:path';
import { DriverError, type GuestSpec, type InstanceSpec, type Ref } from '../driver.js';
import { discard, makeDirectory } from './qemu-files.js';
import { roomOf } from './qemu-hosts.js';
import type { QemuHost } from './qemu-host.js';
import { machineOf, readVm } from './qemu-machines.js';
import { makeNic, releaseAll, takeForwards } from './qemu-network.js';
import { checkedId } from './qemu-paths.js';
import { seedFiles, writeSeed } from './qemu-seed.js';
import type { Nic, Size, Vm } from './qemu-state.js';
import { advance, drive } from './qemu-tasks.js';

/** Writes what the guest reads at its first boot, and what it reads once it has its password. */
export const writeSeeds = async (
  dir: string,
  suffix: '' | '.new',
  about: { instanceId: string; name: string; nics: readonly Nic[] },
  guest: GuestSpec,
): Promise<void> => {
  if (guest.rootPassword !== undefined) {
    const { rootPassword: _gone, ...later } = guest;
    await writeSeed(path.join(dir, `seed-later${suffix}`), seedFiles(about, later));
  }
  await writeSeed(path.join(dir, `seed${suffix}`), seedFiles(about, guest));
};
export const sizeOf = ({ vcpus, memoryMb, rootGb }: Size): Size => ({ vcpus, memoryMb, rootGb });

/** @throws DriverError INVALID_REQUEST, UNSUPPORTED, NO_CAPACITY */
const prepare = async (host: QemuHost, spec: InstanceSpec): Promise<Vm> => {
  const id = spec.portalId;
  if (!spec.image) throw new DriverError('UNSUPPORTED', 'A machine without an image can not be made here.');
  if (spec.flavor.ephemeralGb > 0 || spec.flavor.swapMb > 0)
    throw new DriverError('UNSUPPORTED', 'Flavors with ephemeral disks or swap can not be had here.');
  const image = await host.images.find(spec.image);
  const room = await roomOf(host, id);
  if (!room.fits(spec.flavor)) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
  const dir = host.places.machine(id);
  await makeDirectory(host.places.machines);
  await makeDirectory(dir);
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
    nics,
    disks: [],
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
        found ?? (await prepare(host, spec).catch((err: unknown) => undo(host, id, err))),
      );
      if (!found) await machine.save();
      await advance(machine);
      const { fault } = machine.vm;
      if (fault) throw new DriverError(fault.code as DriverError['code'], fault.message);
    });
    drive(host, id, isClosed);
    return { portalId: id, backendId: id };
  };
const undo = async (host: QemuHost, id: string, err: unknown): Promise<never> => {
  await releaseAll(host, id);
  await discard(host.places.machine(id), host.places.trash);
  throw err;
};
