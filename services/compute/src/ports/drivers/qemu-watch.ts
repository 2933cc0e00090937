import path from 'node:path';
import { boundLog } from './qemu-console.js';
import { namesIn } from './qemu-files.js';
import { pingGuest } from './qemu-guest-agent.js';
import type { QemuHost } from './qemu-host.js';
import { isFile, machineOf, readVm } from './qemu-machines.js';
import { isId } from './qemu-paths.js';
import { forgetPassword } from './qemu-tasks.js';

// What is done for the machines of a region though nobody asks: by one process of all at a time.

/** A guest that writes without pause writes some MiB in this time. */
const LOGS_MS = 5000;
/** An agent that answers twice, so far apart, belongs to a guest that has read its seed. */
const AGENTS_MS = 15_000;
const AT_ONCE = 8;

const inGroups = async (ids: readonly string[], work: (id: string) => Promise<unknown>): Promise<void> => {
  for (let at = 0; at < ids.length; at += AT_ONCE)
    await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => work(id).catch(() => undefined)));
};
/** Takes the password from the seeds of machines whose agents have answered. @param answered by machine and rebuild */
const forgetPasswords = async (host: QemuHost, ids: readonly string[], answered: Set<string>): Promise<void> => {
  const before = new Set(answered);
  answered.clear();
  await inGroups(ids, async (id) => {
    const dir = host.places.machine(id);
    if (!(await isFile(path.join(dir, 'seed-later')))) return;
    const vm = await readVm(host, id);
    // The agent of a rescue system has read another seed.
    if (!vm || vm.rescue || vm.task || !(await pingGuest(dir))) return;
    const key = `${id} ${vm.rebuilt ?? ''}`;
    if (!before.has(key)) return void answered.add(key);
    await host.locks.tryHold(id, async () => {
      const now = await readVm(host, id);
      if (now && !now.rescue && !now.task && now.rebuilt === vm.rebuilt) await forgetPassword(machineOf(host, now));
    });
  });
};
/** @returns ends it */
export const watchMachines = (host: QemuHost, { logsMs = LOGS_MS, agentsMs = AGENTS_MS } = {}): (() => void) => {
  const every = (ms: number, name: string, work: (ids: string[]) => Promise<void>): NodeJS.Timeout => {
    let busy = false;
    const round = async (): Promise<void> => {
      if (busy) return;
      busy = true;
      try {
        await host.locks.tryHold(name, async () => work((await namesIn(host.places.machines)).filter(isId)));
      } catch (err) {
        host.log.warn({ err, region: host.region }, 'machines could not be looked after');
      } finally {
        busy = false;
      }
    };
    return setInterval(() => void round(), ms).unref();
  };
  const answered = new Set<string>();
  const timers = [
    every(logsMs, 'logs', (ids) => inGroups(ids, (id) => boundLog(host.places.machine(id)))),
    every(agentsMs, 'agents', (ids) => forgetPasswords(host, ids, answered)),
  ];
  return () => timers.forEach(clearInterval);
};
