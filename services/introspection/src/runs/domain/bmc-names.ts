import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { bmcAddressOf } from '../../addresses.js';

/** All addresses of a host name, of both families. Rejects when it has none. */
export type Resolve = (host: string) => Promise<string[]>;
const byDns: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

const WITHIN_MS = 3000;
const KEEP_MS = 60_000;
const NAMES = 1000;
const AT_ONCE = 2;

/**
 * Resolves the names of BMCs: within three seconds, a name once at a time, its answer kept for a minute, two names at
 * once at most: a resolver that hangs holds threads that all else needs, too. What has no address has none (contract
 * introspection §6.1).
 */
export const createNameResolver = (resolve: Resolve = byDns, withinMs = WITHIN_MS) => {
  const kept = new Map<string, { at: number; addresses: Promise<string[]> }>();
  const waiting: (() => void)[] = [];
  let running = 0;
  const turn = async (): Promise<void> => {
    if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
    running += 1;
  };
  const ask = async (host: string): Promise<string[]> => {
    await turn();
    try {
      return await resolve(host);
    } catch {
      return [];
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
  return async (host: string): Promise<string[]> => {
    const now = performance.now();
    let found = kept.get(host);
    if (!found || now - found.at > KEEP_MS) {
      kept.delete(host);
      for (const oldest of kept.keys()) {
        if (kept.size < NAMES) break;
        kept.delete(oldest);
      }
      kept.set(host, (found = { at: now, addresses: ask(host) }));
    }
    const timer = new AbortController();
    const late = sleep(withinMs, [] as string[], { signal: timer.signal }).catch(() => []);
    const addresses = await Promise.race([found.addresses, late]);
    timer.abort();
    // Addresses are compared in their one spelling; loopback is nobody's BMC.
    return [...new Set(addresses.flatMap((one) => bmcAddressOf(one) ?? []))].slice(0, 16);
  };
};
