import path from 'node:path';
import { rename, rm } from 'node:fs/promises';
import { DriverError } from '../driver.js';
import {
  VOLUME_ACTIONS,
  type StoredRef,
  type StoredView,
  type VolumeDriver,
  type VolumeSpec,
} from '../driver-volumes.js';
import { beginCopy, beginKept, lookAtCopy, removeCopy, type CopySource, type CopyState } from './qemu-copies.js';
import { diskNode } from './qemu-command.js';
import { discard, makeDirectory, namesIn } from './qemu-files.js';
import { takeRoom } from './qemu-hosts.js';
import type { QemuHost } from './qemu-host.js';
import type { ImageFile } from './qemu-images.js';
import { bytesOf, createBlank, gbOf, imageInfo, runQemuImg } from './qemu-img.js';
import { isFile, isRunning, readVm, withQmp } from './qemu-machines.js';
import { checkedId } from './qemu-paths.js';
import { lookAtImage } from './qemu-snapshots.js';
import { demandAwake, invalidState } from './qemu-state.js';
import { readVolume, saveVolume, volumeFile, type Volume } from './qemu-volume-files.js';

// Volumes: qcow2 files of the region. Snapshots are within the file, backups are files of their own.

const noVolume = (): DriverError => new DriverError('NOT_FOUND', 'There is no such volume.');
const demand = async (host: QemuHost, id: string): Promise<Volume> => {
  const volume = await readVolume(host, id);
  if (!volume) throw noVolume();
  return volume;
};
/** The machine that has the volume and runs; undefined: its file may be worked at. */
const userOf = async (host: QemuHost, { machine }: Volume): Promise<{ id: string; dir: string } | undefined> => {
  if (machine === null) return undefined;
  const user = { id: machine, dir: host.places.machine(machine) };
  return (await isRunning(user)) ? user : undefined;
};
const sourceOf = async (host: QemuHost, volume: Volume, snapshot?: string): Promise<CopySource> => {
  if (snapshot !== undefined && (await userOf(host, volume)))
    throw invalidState('A snapshot of a volume that a running machine has can not be copied.');
  return {
    file: volumeFile(host, volume.portalId),
    ...(snapshot !== undefined && { snapshot }),
    ...(volume.machine !== null && { machine: { id: volume.machine, node: diskNode(volume.portalId) } }),
  };
};
const backupFile = (host: QemuHost, id: string): string => path.join(host.places.backups, checkedId(id));

/** How a volume stands; its copy is made whole here: it gets its size. */
export const lookAtVolume = async (host: QemuHost, volume: Volume): Promise<CopyState> => {
  const file = volumeFile(host, volume.portalId);
  if (volume.source === null) return (await isFile(file)) ? 'ready' : 'none';
  const copy = `${file}.copy`;
  const state = await lookAtCopy(host, copy);
  if (state === 'none' && (await isFile(file))) return 'ready';
  if (state !== 'ready') return state;
  const { virtualSize } = await imageInfo(host.qemuImg, copy, 'qcow2');
  if (virtualSize < bytesOf(volume.sizeGb))
    await runQemuImg(host.qemuImg, ['resize', '-q', '-f', 'qcow2', '--', copy, String(bytesOf(volume.sizeGb))]);
  await rename(copy, file);
  await saveVolume(host, { ...volume, source: null });
  return 'ready';
};
/** What a new volume is a copy of, and the image that was made of; null: it is blank. */
const findSource = async (
  host: QemuHost,
  { source }: VolumeSpec,
): Promise<{ from: CopySource; image?: ImageFile | undefined } | null> => {
  if (source === null) return null;
  if ('image' in source) {
    const image = await host.images.find(source.image);
    return { from: { file: image.file, format: image.format }, image };
  }
  if ('backup' in source) return { from: { file: backupFile(host, source.backup.portalId) } };
  const volume = await demand(host, source.volume.portalId);
  const from = await sourceOf(host, volume, 'snapshot' in source ? source.snapshot.portalId : undefined);
  return { from, image: volume.image };
};
const view = async (
  state: CopyState,
  about: { id: string; sizeGb: number; words: string },
): Promise<StoredView | null> => {
  if (state === 'none') return null;
  const status = state === 'busy' ? 'busy' : state === 'ready' ? 'ready' : 'error';
  return { status, backendId: about.id, sizeGb: about.sizeGb, ...(status === 'error' && { message: about.words }) };
};

/** @throws DriverError NO_CAPACITY, CONFLICT */
const takeDisk = (host: QemuHost, gb: number, take: () => Promise<void>): Promise<void> =>
  takeRoom(host, { has: (room) => room.fitsDisk(gb), take });
const basics = (host: QemuHost) =>
  ({
    create: async (spec) => {
      const id = checkedId(spec.portalId);
      await host.locks.hold(id, async () => {
        let volume = await readVolume(host, id);
        if (!volume) {
          const source = await findSource(host, spec);
          if (source) {
            const { file, format = 'qcow2' } = source.from;
            const { virtualSize } = await imageInfo(host.qemuImg, file, format);
            if (virtualSize > bytesOf(spec.sizeGb))
              throw new DriverError('INVALID_REQUEST', `The volume must have ${gbOf(virtualSize)} GB.`);
          }
          volume = {
            version: 1,
            portalId: id,
            sizeGb: spec.sizeGb,
            machine: null,
            source: source && { format: 'qcow2', ...source.from },
            ...(source?.image && { image: source.image }),
          };
          const made = volume;
          await takeDisk(host, made.sizeGb, async () => {
            await makeDirectory(host.places.volumes);
            await makeDirectory(host.places.volume(id));
            await saveVolume(host, made);
          });
        }
        const file = volumeFile(host, id);
        if (await isFile(file)) return;
        if (volume.source) return beginCopy(host, volume.source, `${file}.copy`);
        await rm(`${file}.part`, { force: true });
        await createBlank(host.qemuImg, `${file}.part`, volume.sizeGb);
        await rename(`${file}.part`, file);
      });
      return { portalId: id, backendId: id };
    },
    get: async ({ portalId }) => {
      const found = await readVolume(host, portalId);
      if (!found) return null;
      const state =
        found.source === null
          ? await lookAtVolume(host, found)
          : await host.locks.hold(portalId, async () => {
              const volume = await readVolume(host, portalId);
              return volume ? lookAtVolume(host, volume) : 'none';
            });
      return view(state, { id: portalId, sizeGb: found.sizeGb, words: 'The volume could not be written.' });
    },
    extend: ({ portalId }, sizeGb) =>
      host.locks.hold(portalId, async () => {
        const volume = await demand(host, portalId);
        // The memory of a suspended machine knows the size that it had.
        const vm = volume.machine === null ? undefined : await readVm(host, volume.machine);
        if (vm) demandAwake(vm);
        const user = await userOf(host, volume);
        const file = volumeFile(host, portalId);
        const size = bytesOf(sizeGb);
        if (sizeGb < volume.sizeGb) throw new DriverError('INVALID_REQUEST', 'A volume can not be made smaller.');
        await takeDisk(host, sizeGb - volume.sizeGb, () => saveVolume(host, { ...volume, sizeGb }));
        if (user) await withQmp(user, (qmp) => qmp.execute('block_resize', { 'node-name': diskNode(portalId), size }));
        else if ((await imageInfo(host.qemuImg, file, 'qcow2')).virtualSize < size)
          await runQemuImg(host.qemuImg, ['resize', '-q', '-f', 'qcow2', '--', file, String(size)]);
      }),
    destroy: ({ portalId }) =>
      host.locks.hold(portalId, async () => {
        const volume = await readVolume(host, portalId);
        if (
          volume &&
          volume.machine !== null &&
          (await isFile(path.join(host.places.machine(volume.machine), 'vm.json')))
        )
          throw new DriverError('CONFLICT', 'A machine has the volume.');
        await removeCopy(host, `${volumeFile(host, portalId)}.copy`);
        await discard(host.places.volume(portalId), host.places.trash);
      }),
    list: async ({ after, limit }) =>
      (await namesIn(host.places.volumes))
        .filter((id) => after === null || id > after)
        .slice(0, limit)
        .map((id): StoredRef => ({ portalId: id, backendId: id })),
  }) satisfies Partial<VolumeDriver>;

const snapshots = (host: QemuHost) => {
  const namesOf = async (volume: Volume): Promise<string[]> =>
    (await imageInfo(host.qemuImg, volumeFile(host, volume.portalId), 'qcow2')).snapshots;
  const forget = async (volume: Volume, name: string): Promise<void> => {
    const { portalId } = volume;
    const user = await userOf(host, volume);
    if (user)
      await withQmp(user, (qmp) =>
        qmp.execute('blockdev-snapshot-delete-internal-sync', { device: diskNode(portalId), name }),
      );
    else await runQemuImg(host.qemuImg, ['snapshot', '-q', '-d', name, volumeFile(host, portalId)]);
  };
  return {
    createSnapshot: async ({ portalId }, { portalId: name }) => {
      checkedId(name);
      await host.locks.hold(portalId, async () => {
        const volume = await demand(host, portalId);
        if ((await lookAtVolume(host, volume)) !== 'ready') throw invalidState('The volume is not ready.');
        if ((await namesOf(volume)).includes(name)) return;
        if (volume.snapshots?.[name] === undefined) {
          const kept = { ...volume.snapshots, [name]: volume.sizeGb };
          await takeDisk(host, volume.sizeGb, () => saveVolume(host, { ...volume, snapshots: kept }));
        }
        const user = await userOf(host, volume);
        if (user)
          await withQmp(user, (qmp) =>
            qmp.execute('blockdev-snapshot-internal-sync', { device: diskNode(portalId), name }),
          );
        else await runQemuImg(host.qemuImg, ['snapshot', '-q', '-c', name, volumeFile(host, portalId)]);
      });
      return { portalId: name, backendId: name };
    },
    getSnapshot: async ({ portalId }, { portalId: name }) => {
      const volume = await readVolume(host, portalId);
      if (!volume || !(await isFile(volumeFile(host, portalId))) || !(await namesOf(volume)).includes(name))
        return null;
      return { status: 'ready' as const, backendId: name, sizeGb: volume.sizeGb };
    },
    destroySnapshot: ({ portalId }, { portalId: name }) =>
      host.locks.hold(portalId, async () => {
        checkedId(name);
        const volume = await readVolume(host, portalId);
        if (!volume || !(await isFile(volumeFile(host, portalId)))) return;
        if ((await namesOf(volume)).includes(name)) await forget(volume, name);
        const { [name]: gone, ...snapshots } = volume.snapshots ?? {};
        if (gone !== undefined) await saveVolume(host, { ...volume, snapshots });
      }),
    revert: ({ portalId }, { portalId: name }) =>
      host.locks.hold(portalId, async () => {
        const volume = await demand(host, portalId);
        if (await userOf(host, volume)) throw invalidState('A running machine has the volume.');
        const file = volumeFile(host, portalId);
        await runQemuImg(host.qemuImg, ['snapshot', '-q', '-a', checkedId(name), file]);
        const { virtualSize } = await imageInfo(host.qemuImg, file, 'qcow2');
        if (virtualSize < bytesOf(volume.sizeGb))
          await runQemuImg(host.qemuImg, ['resize', '-q', '-f', 'qcow2', '--', file, String(bytesOf(volume.sizeGb))]);
      }),
  } satisfies Partial<VolumeDriver>;
};
const copies = (host: QemuHost) =>
  ({
    createBackup: async ({ portalId }, { portalId: id }) => {
      await host.locks.hold(portalId, async () => {
        const volume = await demand(host, portalId);
        await beginKept(host, await sourceOf(host, volume), backupFile(host, id));
      });
      return { portalId: id, backendId: id };
    },
    getBackup: async ({ portalId }) => {
      const file = backupFile(host, portalId);
      const state = await lookAtCopy(host, file);
      const sizeGb = state === 'ready' ? gbOf((await imageInfo(host.qemuImg, file, 'qcow2')).virtualSize) : 0;
      return view(state, { id: portalId, sizeGb, words: 'The backup could not be written.' });
    },
    destroyBackup: ({ portalId }) => removeCopy(host, backupFile(host, portalId)),
    restoreBackup: ({ portalId: backupId }, { portalId }) =>
      host.locks.hold(portalId, async () => {
        const volume = await demand(host, portalId);
        if (volume.machine !== null) throw invalidState('A machine has the volume.');
        const source = { file: backupFile(host, backupId), format: 'qcow2' };
        if (volume.source?.file === source.file) return;
        if (volume.source !== null) throw invalidState('The volume is not ready.');
        await removeCopy(host, `${volumeFile(host, portalId)}.copy`);
        // The volume is as it was until all of the backup is there.
        await takeDisk(host, volume.sizeGb, () => saveVolume(host, { ...volume, source }));
        await beginCopy(host, source, `${volumeFile(host, portalId)}.copy`);
      }),
    upload: ({ portalId }, { imageId }) =>
      host.locks.hold(portalId, async () => {
        const volume = await demand(host, portalId);
        await beginKept(host, await sourceOf(host, volume), path.join(host.places.images, checkedId(imageId)));
      }),
    getUpload: ({ imageId }) => lookAtImage(host, imageId),
  }) satisfies Partial<VolumeDriver>;
export const createVolumeDriver = (host: QemuHost): VolumeDriver => ({
  capabilities: new Set(VOLUME_ACTIONS),
  ...basics(host),
  ...snapshots(host),
  ...copies(host),
});
