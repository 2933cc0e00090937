import path from 'node:path';
import type { Log } from '@nefos/service-kit';
import { z } from 'zod';
import { createQemuDriver, QEMU_CAPABILITIES } from './qemu-driver.js';
import { createImageFinder } from './qemu-images.js';
import { createLocks } from './qemu-lock.js';
import { isWithin, placesIn, regionDirectory } from './qemu-paths.js';
import { accelerationOf } from './qemu-probe.js';
import { qemuSettings as settings, type QemuSettings } from './qemu-settings.js';

/** Where machines may be, and the programs they are made with: the operator's word, not the region's. */
export interface QemuDefaults {
  NEFOS_COMPUTE_QEMU_DIR?: string;
  /** More directories in which a region's `directory` may be. */
  NEFOS_COMPUTE_QEMU_ROOTS?: readonly string[];
}
const QEMU = 'qemu-system-x86_64';
const allDirectory = (process: QemuDefaults): string => path.resolve(process.NEFOS_COMPUTE_QEMU_DIR ?? '.nefos/qemu');
/** Whether the operator allows it. */
export const isAllowed = (directory: string, process: QemuDefaults): boolean =>
  isWithin(directory, [allDirectory(process), ...(process.NEFOS_COMPUTE_QEMU_ROOTS ?? [])]);

/** Real machines on the host of compute (contract compute §11.5). */
export const qemuKind = {
  settings,
  secrets: z.strictObject({}),
  audience: [],
  capabilities: QEMU_CAPABILITIES,
  together: ({ directory }: QemuSettings, _secrets: unknown, process: QemuDefaults) =>
    directory === undefined || isAllowed(directory, process)
      ? []
      : [
          {
            path: ['settings', 'directory'],
            text: 'The operator does not allow this directory: see NEFOS_COMPUTE_QEMU_ROOTS.',
          },
        ],
  create: ({
    region,
    settings: own,
    log,
    process,
    imageFile,
  }: {
    region: string;
    settings: QemuSettings;
    log: Log;
    process: QemuDefaults;
    imageFile: (imageId: string) => Promise<string | null>;
  }) => {
    const root = own.directory ?? regionDirectory(allDirectory(process), region);
    if (!isAllowed(root, process)) throw new Error('its directory is not allowed by NEFOS_COMPUTE_QEMU_ROOTS');
    const places = placesIn(path.resolve(root));
    return createQemuDriver({
      region,
      settings: own,
      places,
      locks: createLocks(places.root),
      images: createImageFinder(places, imageFile, 'qemu-img'),
      qemu: QEMU,
      qemuImg: 'qemu-img',
      acceleration: () => accelerationOf(QEMU, places.root),
      log,
    });
  },
};
