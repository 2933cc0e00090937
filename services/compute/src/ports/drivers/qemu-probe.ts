import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DriverError } from '../driver.js';
import { childEnv } from './qemu-env.js';
import { makeDirectory, readText, writeWhole } from './qemu-files.js';

/** How processors are made on this host. */
export interface Acceleration {
  accel: 'kvm' | 'tcg';
  cpu: string;
}
/**
 * From the fastest on. That a processor can be made says little: in machines within machines, KVM may be there and run
 * a guest's first steps a thousand times slower than an emulation does. So a guest is run.
 */
const CHOICES: readonly Acceleration[] = [
  { accel: 'kvm', cpu: 'host' },
  { accel: 'kvm', cpu: 'host,-arch-capabilities' },
  { accel: 'kvm', cpu: 'qemu64' },
  { accel: 'tcg', cpu: 'max' },
];
/** For the firmware and 20 million steps: a processor needs 0.02 s for them, an emulation a second. */
const LIMIT_MS = 4000;
const DONE = 0x21;
/** A boot sector: counts down, and ends the machine with a word that nothing else says. */
export const bootSector = (): Buffer => {
  const steps = Buffer.alloc(4);
  steps.writeUInt32LE(20_000_000);
  const code = [
    ...[0xfa, 0x66, 0xb9, ...steps], // cli; mov ecx, steps
    ...[0x66, 0x49, 0x75, 0xfc], // dec ecx; jnz back
    ...[0xba, 0xf4, 0x00, 0xb0, DONE, 0xee, 0xf4], // mov dx, 0xf4; mov al, DONE; out dx, al; hlt
  ];
  const sector = Buffer.alloc(512);
  sector.set(code);
  sector.set([0x55, 0xaa], 510);
  return sector;
};
const works = (binary: string, { accel, cpu }: Acceleration, disk: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const args = ['-nodefaults', '-no-user-config', '-display', 'none', '-m', '64'];
    execFile(
      binary,
      [
        ...[...args, '-machine', `q35,accel=${accel}`, '-cpu', cpu],
        ...['-blockdev', JSON.stringify({ driver: 'file', 'node-name': 'probe', filename: disk, 'read-only': true })],
        ...['-device', 'virtio-blk-pci,drive=probe,bootindex=1'],
        ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04'],
      ],
      // In the end, an emulation is what there is, however slow.
      {
        timeout: accel === 'tcg' ? LIMIT_MS * 4 : LIMIT_MS,
        killSignal: 'SIGKILL',
        cwd: path.dirname(disk),
        env: childEnv(),
      },
      (err) => {
        const { code } = (err ?? {}) as { code?: unknown };
        if (code === 'ENOENT')
          reject(new DriverError('UNAVAILABLE', 'QEMU is not installed on the host.', { cause: err }));
        else resolve(code === DONE * 2 + 1);
      },
    );
  });
const probe = async (binary: string): Promise<Acceleration> => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'nefos-qemu-'));
  try {
    const disk = path.join(dir, 'disk');
    await writeFile(disk, bootSector());
    // The firmware reads more than a sector.
    await truncate(disk, 1024 * 1024);
    for (const choice of CHOICES) if (await works(binary, choice, disk)) return choice;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  throw new DriverError('UNAVAILABLE', 'QEMU does not work on the host.');
};

/** A busy host may seem slow: an emulation is asked about again. */
const AGAIN_MS = 600_000;
/** What was found, beside the machines: for all processes, until the host is started again. */
interface Found extends Acceleration {
  boot: string;
  at: number;
}
const readFound = async (file: string, boot: string): Promise<Acceleration | undefined> => {
  const text = await readText(file);
  if (text === undefined) return undefined;
  const found = JSON.parse(text) as Found;
  const age = Date.now() - found.at;
  return found.boot === boot && (found.accel === 'kvm' || (age >= 0 && age < AGAIN_MS)) ? found : undefined;
};
const probing = new Map<string, Promise<Acceleration>>();
const find = async (binary: string, root: string): Promise<Acceleration> => {
  const file = path.join(root, 'acceleration.json');
  const boot = (await readText('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';
  const known = await readFound(file, boot);
  if (known) return { accel: known.accel, cpu: known.cpu };
  const { accel, cpu } = await probe(binary);
  await makeDirectory(root);
  await writeWhole(file, JSON.stringify({ accel, cpu, boot, at: Date.now() } satisfies Found));
  return { accel, cpu };
};
/** @param root directory of the region @throws DriverError UNAVAILABLE */
export const accelerationOf = (binary: string, root: string): Promise<Acceleration> => {
  const key = `${binary} ${root}`;
  const running = probing.get(key) ?? find(binary, root).finally(() => probing.delete(key));
  probing.set(key, running);
  return running;
};
