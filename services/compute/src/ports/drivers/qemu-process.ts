import { spawn } from 'node:child_process';
import { open, readFile, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driver.js';
import { childEnv } from './qemu-env.js';
import { namesIn, readText } from './qemu-files.js';

// The process of a machine. QEMU writes its own pid file and keeps it locked; a pid alone says nothing, since the
// system gives it to another process later: its arguments must have the machine's id, and its directory must be the
// machine's.

/** Whether the process is the machine's. */
const isOf = async (pid: number, dir: string, id: string): Promise<boolean> => {
  try {
    const args = (await readFile(`/proc/${pid}/cmdline`, 'latin1')).split('\0');
    // One that ended and that nobody has asked about has no arguments any more.
    if (!args.includes(id)) return false;
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dir));
  } catch (err) {
    if (['ENOENT', 'ESRCH'].includes((err as NodeJS.ErrnoException).code ?? '')) return false;
    throw new DriverError('FORBIDDEN', "The machine's process belongs to another user.", { cause: err });
  }
};
/** @returns null: the machine has no process, by its pid file */
export const processOf = async (dir: string, id: string): Promise<number | null> => {
  const pid = Number((await readText(path.join(dir, 'pid')))?.trim());
  return Number.isInteger(pid) && pid > 1 && (await isOf(pid, dir, id)) ? pid : null;
};
/**
 * Among all processes: one that was just started has no pid file yet, and who started it may be dead. Asked before a
 * machine is started, or taken for one that is off for good.
 */
export const findProcess = async (dir: string, id: string): Promise<number | null> => {
  const known = await processOf(dir, id);
  if (known !== null) return known;
  for (const name of await namesIn('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid) && pid > 1 && (await isOf(pid, dir, id).catch(() => false))) return pid;
  }
  return null;
};
/** @returns whether it has ended in time */
export const waitForEnd = async (dir: string, id: string, ms: number): Promise<boolean> => {
  for (const end = performance.now() + ms; ; await sleep(40)) {
    if ((await findProcess(dir, id)) === null) return true;
    if (performance.now() >= end) return false;
  }
};
/** Ends the process, by force at last. @throws DriverError TIMEOUT: the system does not end it */
export const killProcess = async (dir: string, id: string, politely: () => Promise<void>): Promise<void> => {
  const attempts: [() => unknown, number][] = [
    [politely, 5000],
    [() => signal(dir, id, 'SIGTERM'), 3000],
    [() => signal(dir, id, 'SIGKILL'), 5000],
  ];
  for (const [attempt, ms] of attempts) {
    if ((await findProcess(dir, id)) === null) break;
    try {
      await attempt();
    } catch {
      continue; // the next one is stronger
    }
    if (await waitForEnd(dir, id, ms)) break;
  }
  if ((await findProcess(dir, id)) !== null) throw new DriverError('TIMEOUT', "The machine's process does not end.");
};
const signal = async (dir: string, id: string, name: NodeJS.Signals): Promise<void> => {
  const pid = await findProcess(dir, id);
  if (pid !== null) process.kill(pid, name);
};

/** Why QEMU ended at once, from its last words. */
export const startError = (said: string): DriverError => {
  const cause = new Error(said.slice(-2000));
  const has = (words: RegExp): boolean => words.test(said);
  if (has(/host forwarding rule/i)) return new DriverError('CONFLICT', 'A port of the host is taken.', { cause });
  if (has(/Failed to get .*lock|Cannot lock pid file|pid file.*Resource temporarily/i))
    return new DriverError('CONFLICT', 'The machine is in use by another process.', { cause });
  if (has(/cannot allocate memory|cannot set up guest memory/i))
    return new DriverError('NO_CAPACITY', 'The host has not enough memory.', { cause });
  if (has(/No space left/i)) return new DriverError('NO_CAPACITY', 'The host has no room left on its disk.', { cause });
  return new DriverError('INTERNAL', 'QEMU could not start the machine.', { cause });
};
/**
 * Starts QEMU by itself: it goes on when this process ends.
 * @param ready asked until it is true
 * @throws DriverError of `startError`, UNAVAILABLE: QEMU is not installed; TIMEOUT
 */
export const startProcess = async (
  binary: string,
  args: readonly string[],
  { dir, ready, timeoutMs = 20_000 }: { dir: string; ready: () => Promise<boolean>; timeoutMs?: number },
): Promise<void> => {
  const log = path.join(dir, 'qemu.log');
  const file = await open(log, 'w', 0o600);
  let ended: 'no' | 'yes' | Error = 'no';
  try {
    const child = spawn(binary, [...args], {
      cwd: dir,
      detached: true,
      stdio: ['ignore', file.fd, file.fd],
      env: childEnv(),
    });
    child.on('error', (err) => {
      ended = err;
    });
    child.on('exit', () => {
      if (ended === 'no') ended = 'yes';
    });
    child.unref();
  } finally {
    await file.close();
  }
  const state = (): typeof ended => ended;
  for (const end = performance.now() + timeoutMs; ; await sleep(10)) {
    const now = state();
    if (now instanceof Error)
      throw new DriverError('UNAVAILABLE', 'QEMU can not be started on the host.', { cause: now });
    if (now === 'yes') throw startError((await readText(log)) ?? '');
    if (await ready()) return;
    if (performance.now() >= end) throw new DriverError('TIMEOUT', 'QEMU was not ready in time.');
  }
};
