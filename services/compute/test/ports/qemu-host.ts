import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { QemuHost } from '../../src/ports/drivers/qemu-host.js';
import { createLocks } from '../../src/ports/drivers/qemu-lock.js';
import { placesIn } from '../../src/ports/drivers/qemu-paths.js';
import { qemuSettings } from '../../src/ports/drivers/qemu-settings.js';

/** A host of machines under a directory, without QEMU: what a test needs of it, it gives. */
export const hostUnder = (
  root: string,
  { settings = {}, ...more }: Partial<Omit<QemuHost, 'settings'>> & { settings?: object } = {},
): QemuHost => {
  const places = placesIn(root);
  return {
    region: 'R',
    settings: qemuSettings.parse(settings),
    places,
    locks: createLocks(places.root),
    images: { find: () => Promise.reject(new Error('none')) },
    qemu: 'none',
    qemuImg: 'none',
    acceleration: () => Promise.resolve({ accel: 'tcg', cpu: 'max' }),
    log: pino({ level: 'silent' }),
    ...more,
  };
};
/**
 * A program in place of qemu-img: writes what it is asked into the file `asked`, and says that an image has so many GB.
 * @param cases what it does when it is asked for something else: cases of a shell
 */
export const fakeQemuImg = (dir: string, gb: number, cases: string): string => {
  const file = path.join(dir, 'qemu-img');
  const info = JSON.stringify({ format: 'qcow2', 'virtual-size': gb * 1024 ** 3, 'actual-size': 1 });
  writeFileSync(file, `#!/bin/sh\necho "$@" >>${dir}/asked\ncase $1 in info) echo '${info}' ;; ${cases} esac\n`);
  chmodSync(file, 0o755);
  return file;
};
