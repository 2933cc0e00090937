import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { DriverError, type ComputeDriver, type Counters } from '../driver.js';
import { namesIn, readText } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';
import { readVm } from './qemu-machines.js';
import { processOf } from './qemu-process.js';
import { missing } from './qemu-state.js';

// What interfaces on bridges have carried: the host counts that for its own end of each (TAP). QEMU's own network
// counts nothing, so an interface there has no counters.

const SYS = '/sys/class/net';
/** Names of the host's ends that a process has open, in the order in which they were made. */
const tapsOf = async (pid: number): Promise<string[]> => {
  const taps: { name: string; index: number }[] = [];
  for (const fd of await namesIn(`/proc/${pid}/fd`)) {
    const file = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    if (file !== '/dev/net/tun') continue;
    const name = /^iff:\s*(\S+)/m.exec((await readText(`/proc/${pid}/fdinfo/${fd}`)) ?? '')?.[1];
    if (name !== undefined) taps.push({ name, index: Number(await readText(path.join(SYS, name, 'ifindex'))) });
  }
  return taps.sort((a, b) => a.index - b.index).map(({ name }) => name);
};
const bytesOf = async (tap: string, which: 'rx' | 'tx'): Promise<bigint> => {
  const text = await readText(path.join(SYS, tap, 'statistics', `${which}_bytes`));
  if (text === undefined) throw new DriverError('CONFLICT', 'An interface of the machine comes or goes.');
  return BigInt(text.trim());
};
/** The interfaces of a machine that are on a bridge stand in the order in which they were made. */
export const counterCalls = (host: QemuHost) =>
  ({
    counters: async ({ portalId }) => {
      const vm = await readVm(host, portalId);
      if (!vm) throw missing();
      const nics = vm.nics.filter(({ bridge }) => bridge !== null);
      const pid = nics.length ? await processOf(host.places.machine(portalId), portalId) : null;
      if (pid === null) return [];
      const taps = await tapsOf(pid);
      if (taps.length !== nics.length) throw new DriverError('CONFLICT', 'An interface of the machine comes or goes.');
      const counters: Counters[] = [];
      for (const [i, { mac }] of nics.entries()) {
        const tap = taps[i] as string;
        // What the host sends is what the machine gets.
        counters.push({ mac, rx: await bytesOf(tap, 'tx'), tx: await bytesOf(tap, 'rx') });
      }
      return counters;
    },
  }) satisfies Partial<ComputeDriver>;
