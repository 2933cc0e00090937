import { stat } from 'node:fs/promises';
import path from 'node:path';
import { DriverError, type ImageSpec } from '../driver.js';
import { isId, type Places } from './qemu-paths.js';
import { imageInfo } from './qemu-img.js';

/** A file with an image, and its format as QEMU calls it. */
export interface ImageFile {
  id: string;
  file: string;
  format: string;
}
/** Formats of images that QEMU can start a machine from. */
const FORMATS: Readonly<Record<string, string>> = {
  qcow2: 'qcow2',
  raw: 'raw',
  iso: 'raw',
  vdi: 'vdi',
  vhd: 'vpc',
  vhdx: 'vhdx',
  vmdk: 'vmdk',
};
const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  );

/** Where images are: those that machines of the region were made into, and those of the portal's store. */
export interface ImageFinder {
  /** @throws DriverError INVALID_REQUEST, UNAVAILABLE: its file is not there; UNSUPPORTED: its format */
  find(image: ImageSpec): Promise<ImageFile>;
}
/** @param stored where the portal keeps the data of an image; null: it has none */
export const createImageFinder = (
  places: Places,
  stored: (imageId: string) => Promise<string | null>,
  qemuImg: string,
): ImageFinder => ({
  find: async ({ id, backendId, diskFormat }) => {
    const own = [backendId, id].filter((one): one is string => typeof one === 'string' && isId(one));
    for (const one of own) {
      const file = path.join(places.images, one);
      if (await exists(file)) return { id, file, format: (await imageInfo(qemuImg, file, 'qcow2')).format };
    }
    const file = await stored(id);
    if (file === null || !(await exists(file)))
      throw new DriverError('INVALID_REQUEST', 'The image has no data on this host.');
    const format = FORMATS[diskFormat ?? 'raw'];
    if (format === undefined)
      throw new DriverError('UNSUPPORTED', `Images of the format ${diskFormat ?? ''} can not be started.`);
    const info = await imageInfo(qemuImg, file, format);
    if (info.refersElsewhere) throw new DriverError('INVALID_REQUEST', 'The image refers to another file.');
    return { id, file, format };
  },
});
