import path from 'node:path';
import { serialOf } from './qemu-command.js';
import { readText, writeWhole } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';
import type { ImageFile } from './qemu-images.js';
import { isId } from './qemu-paths.js';

/** volume.json: what the driver knows of a volume. Its data is volume.qcow2 beside it. */
export interface Volume {
  version: 1;
  portalId: string;
  sizeGb: number;
  /** What it was made of, itself or what it is a copy of; absent: no image, or not known. */
  image?: ImageFile;
  /** GB that each of its snapshots may come to keep, by their ids; absent: it has had none. */
  snapshots?: Readonly<Record<string, number>>;
  /** The machine that has it. */
  machine: string | null;
  /** What its data is copied from; null: it was blank, or the copy is done. */
  source: { file: string; format: string; snapshot?: string; machine?: { id: string; node: string } } | null;
}
export const readVolume = async (host: QemuHost, id: string): Promise<Volume | undefined> => {
  if (!isId(id)) return undefined;
  const text = await readText(path.join(host.places.volume(id), 'volume.json'));
  return text === undefined ? undefined : (JSON.parse(text) as Volume);
};
export const saveVolume = (host: QemuHost, volume: Volume): Promise<void> =>
  writeWhole(path.join(host.places.volume(volume.portalId), 'volume.json'), `${JSON.stringify(volume)}\n`);
export const volumeFile = (host: QemuHost, id: string): string => path.join(host.places.volume(id), 'volume.qcow2');
/** As udev names it, by its serial number: the letters of disks depend on the guest. */
export const deviceOf = (volumeId: string): string => `/dev/disk/by-id/virtio-${serialOf(volumeId)}`;
