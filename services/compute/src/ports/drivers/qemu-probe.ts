import { execFile } from 'node:child_process';
import os from 'node:os';
import { DriverError } from '../driver.js';

/** How processors are made on this host. */
export interface Acceleration {
  accel: 'kvm' | 'tcg';
  cpu: string;
}
/**
 * From the fastest on. With some kernels, those of nested machines above all, the whole processor of the host can not
 * be given on; only a try tells.
 */
const CHOICES: readonly Acceleration[] = [
  { accel: 'kvm', cpu: 'host' },
  { accel: 'kvm', cpu: 'host,-arch-capabilities' },
  { accel: 'kvm', cpu: 'qemu64' },
  { accel: 'tcg', cpu: 'max' },
];
const LIMIT_MS = 10_000;
const works = (binary: string, { accel, cpu }: Acceleration): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const args = ['-nodefaults', '-no-user-config', '-display', 'none', '-S', '-qmp', 'stdio', '-m', '64'];
    const child = execFile(
      binary,
      [...args, '-machine', `q35,accel=${accel}`, '-cpu', cpu],
      { timeout: LIMIT_MS, cwd: os.tmpdir() },
      (err) => {
        if ((err as NodeJS.ErrnoException | null)?.code === 'ENOENT')
          reject(new DriverError('UNAVAILABLE', 'QEMU is not installed on the host.', { cause: err }));
        else resolve(!err);
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end('{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n');
  });
const probed = new Map<string, Promise<Acceleration>>();
const probe = async (binary: string): Promise<Acceleration> => {
  for (const choice of CHOICES) if (await works(binary, choice)) return choice;
  throw new DriverError('UNAVAILABLE', 'QEMU does not work on the host.');
};
/** Once for each process, unless it fails. @throws DriverError UNAVAILABLE */
export const accelerationOf = (binary: string): Promise<Acceleration> => {
  const found =
    probed.get(binary) ??
    probe(binary).catch((err: unknown) => {
      probed.delete(binary);
      throw err;
    });
  probed.set(binary, found);
  return found;
};
