import type { SeenCounters } from '../tables.js';

/** Counters of one interface, as drivers tell them. */
export interface Seen {
  mac: string;
  rx: bigint;
  tx: bigint;
}
/** Interfaces that are remembered of an instance, for the case that they come back. */
const MAX_MACS = 64;

/** What was carried since: the difference, or all of it when the counter began anew (contract compute §9.5). */
const since = (before: string | undefined, now: bigint): bigint => {
  const old = BigInt(before ?? 0);
  return now < old ? now : now - old;
};
/**
 * What an instance has carried between two readings.
 * @param before null: the first reading, of a machine whose past does not count
 */
export const deltaOf = (
  before: SeenCounters | null,
  now: readonly Seen[],
): { rx: bigint; tx: bigint; counters: SeenCounters; changed: boolean } => {
  let [rx, tx] = [0n, 0n];
  const counters: SeenCounters = { ...before };
  let changed = before === null;
  for (const one of now) {
    const [oldRx, oldTx] = before?.[one.mac] ?? [];
    if (before) {
      rx += since(oldRx, one.rx);
      tx += since(oldTx, one.tx);
    }
    changed ||= oldRx !== String(one.rx) || oldTx !== String(one.tx);
    // The newest last.
    Reflect.deleteProperty(counters, one.mac);
    counters[one.mac] = [String(one.rx), String(one.tx)];
  }
  const kept = Object.entries(counters).slice(-Math.max(MAX_MACS, now.length));
  return { rx, tx, counters: Object.fromEntries(kept), changed };
};
