import type { Log } from '@nefos/service-kit';
import type { ImageFinder } from './qemu-images.js';
import type { Locks } from './qemu-lock.js';
import type { Places } from './qemu-paths.js';
import type { Acceleration } from './qemu-probe.js';
import type { QemuSettings } from './qemu-settings.js';

/** What all parts of the driver of one region work with. */
export interface QemuHost {
  region: string;
  settings: QemuSettings;
  places: Places;
  locks: Locks;
  images: ImageFinder;
  /** Programs. */
  qemu: string;
  qemuImg: string;
  acceleration(): Promise<Acceleration>;
  log: Log;
}
