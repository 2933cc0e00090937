import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Which machines the DHCP server lets boot the ramdisk (contract introspection §7.5). */
export interface PxeWishes {
  /** Every known MAC, and whether it may boot. */
  macs: ReadonlyMap<string, boolean>;
  /** Whether a machine of an unknown MAC may. */
  unknown: boolean;
}
/** A driver of a filter; `iptables` and others would be more of these. */
export interface PxeFilter {
  readonly name: string;
  /** Makes it so; does nothing when it is. @returns how many entries changed */
  apply(wishes: PxeWishes): Promise<number>;
}
/** Lets all boot. */
export const noFilter: PxeFilter = { name: 'noop', apply: () => Promise.resolve(0) };

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
const UNKNOWN = 'unknown_hosts_filter';
const lineOf = (who: string, may: boolean): string => `${who}${may ? '' : ',ignore'}\n`;
/** Files that are looked at or written at the same time. */
const AT_ONCE = 16;
const each = async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};
/**
 * Files for `dhcp-hostsdir` of dnsmasq: one for each MAC, and one for all others. dnsmasq reads a file again when it
 * is renamed into place, never half of it; names that begin with a point it does not read.
 */
export const dnsmasqFilter = (directory: string): PxeFilter => {
  /** What stands in the files; absent: not looked at yet. */
  let known: Map<string, string> | undefined;
  const look = async (): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    const names = (await readdir(directory)).filter((name) => MAC.test(name) || name === UNKNOWN);
    await each(names, async (name) => {
      found.set(name, await readFile(path.join(directory, name), 'utf8'));
    });
    return found;
  };
  const write = async (name: string, text: string): Promise<void> => {
    const part = path.join(directory, `.${process.pid}.${name}.part`);
    await writeFile(part, text, { mode: 0o644 });
    await rename(part, path.join(directory, name));
  };
  return {
    name: 'dnsmasq',
    apply: async ({ macs, unknown }) => {
      const wanted = new Map([...macs].map(([mac, may]) => [mac, lineOf(mac, may)]));
      wanted.set(UNKNOWN, lineOf('*:*:*:*:*:*', unknown));
      // Anew whenever something failed: then nobody knows what stands there.
      const there = known ?? (await look());
      known = undefined;
      const changed = [...wanted].filter(([name, text]) => there.get(name) !== text);
      const gone = [...there.keys()].filter((name) => !wanted.has(name));
      await each(changed, ([name, text]) => write(name, text));
      await each(gone, (name) => rm(path.join(directory, name), { force: true }));
      known = wanted;
      return changed.length + gone.length;
    },
  };
};
