import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { childEnv } from './qemu-env.js';
import type { QemuHost } from './qemu-host.js';
import { capacityFor, roomOf } from './qemu-hosts.js';
import { createOverlay, runQemuImg, UNSIZED_GB } from './qemu-img.js';
import { createImageFinder } from './qemu-images.js';
import { createLocks } from './qemu-lock.js';
import { placesIn } from './qemu-paths.js';
import { qemuSettings } from './qemu-settings.js';
import type { Rescue, Task } from './qemu-state.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-qemu-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
/** A program in place of qemu-img: says what it is asked, and that an image has so many GB. */
const program = (gb: number): string => {
  const file = path.join(dir, 'qemu-img');
  const info = JSON.stringify({ format: 'qcow2', 'virtual-size': gb * 1024 ** 3, 'actual-size': 1 });
  writeFileSync(file, `#!/bin/sh\necho "$@" >>${dir}/asked\ncase $1 in info) echo '${info}' ;; env) env ;; esac\n`);
  chmodSync(file, 0o755);
  return file;
};
const hostIn = (settings: object): QemuHost => {
  const places = placesIn(path.join(dir, 'region'));
  return {
    region: 'R',
    settings: qemuSettings.parse({ vcpus: 100, memory_mb: 100_000, ...settings }),
    places,
    locks: createLocks(places.root),
    images: createImageFinder(places, () => Promise.resolve(null), 'qemu-img'),
    qemu: 'none',
    qemuImg: 'none',
    acceleration: () => Promise.resolve({ accel: 'tcg', cpu: 'max' }),
    log: pino({ level: 'silent' }),
  };
};
const machine = (host: QemuHost, rootGb: number, more: { rescue?: Rescue | null; task?: Task | null } = {}): void => {
  const portalId = randomUUID();
  mkdirSync(host.places.machine(portalId), { recursive: true });
  const size = { vcpus: 1, memoryMb: 64, rootGb };
  const vm = { version: 1, portalId, size, former: null, rescue: null, task: null, disks: [], nics: [], ...more };
  writeFileSync(path.join(host.places.machine(portalId), 'vm.json'), JSON.stringify(vm));
};

describe('the size of a disk', () => {
  const image = { file: '/image', format: 'qcow2' };
  it.each([
    [5, 5, undefined, 'is made'],
    [6, 5, undefined, 'needs a disk of 6 GB'],
    [UNSIZED_GB, 0, undefined, 'is made'],
    [UNSIZED_GB + 1, 0, undefined, `more than ${UNSIZED_GB} GB`],
    [100_000, 0, 3, 'needs a disk of 100000 GB, more than 3 GB'],
    [3, 0, 3, 'is made'],
  ])('an image of %d GB for a disk of %d GB, of %p at most: %s', async (has, gb, mostGb, outcome) => {
    const made = createOverlay(program(has), '/disk', { image, gb, ...(mostGb !== undefined && { mostGb }) });
    if (outcome !== 'is made') return expect(made).rejects.toThrow(outcome);
    await made;
    return expect(readFileSync(`${dir}/asked`, 'utf8')).toContain(`-- /disk ${Math.max(has, gb) * 1024 ** 3}\n`);
  });
  it('the disk of a rescue system counts as the one of its machine, also while it is being made', async () => {
    const host = hostIn({ disk_gb: 100 });
    const rescue = { image: { id: 'i', ...image }, iso: false };
    machine(host, 5);
    machine(host, 7, { rescue });
    machine(host, 11, { task: { kind: 'rescue', rescue } });
    machine(host, 13, { rescue: { ...rescue, iso: true } });
    machine(host, 0);
    const { used, fitsDisk } = await roomOf(host);
    const all = 5 + 7 * 2 + 11 * 2 + 13 + UNSIZED_GB;
    expect([used.localGb, fitsDisk(100 - all), fitsDisk(100 - all + 1)]).toEqual([all, true, false]);
    const flavor = { vcpus: 1, memoryMb: 64, rootGb: 0, ephemeralGb: 0, swapMb: 0 };
    expect(await capacityFor(host, flavor)).toBe(Math.floor((100 - all) / UNSIZED_GB));
  });
});
describe('programs of the driver', () => {
  it('get nothing of the environment of compute but what they need', async () => {
    const before = { ...process.env };
    process.env.NEFOS_SECRET_KEYS = 'a secret';
    try {
      const names = (await runQemuImg(program(1), ['env'])).split('\n').map((line) => line.split('=')[0] ?? '');
      expect(names).toContain('PATH');
      // What a shell sets for itself.
      expect(names.filter((name) => name && !['PATH', 'LANG', 'TMPDIR', 'PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)))
        .toEqual([]);
    } finally {
      process.env = before;
    }
    expect(childEnv({ PATH: '/bin', TMPDIR: '/t', DATABASE_URL: 'x' })).toEqual({
      PATH: '/bin',
      LANG: 'C',
      TMPDIR: '/t',
    });
  });
});
