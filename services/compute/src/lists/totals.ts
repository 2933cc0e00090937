import type { Db } from '@nefos/service-kit';

/** At least so long a number is remembered. */
const LEAST_MS = 2000;
/** Counting takes at most this share of the time. */
const SHARE = 50;
const MOST_MS = 60_000;
/** Lists whose number is remembered. */
const MOST = 500;

interface Total {
  total: number;
  /** When it is counted anew, as soon as somebody asks. */
  staleAt: number;
  /** When it is forgotten. */
  goneAt: number;
}
interface Totals {
  known: Map<string, Total>;
  /** Counts under way. */
  counts: Map<string, Promise<number>>;
}
/**
 * How many rows long lists have. Counting a million rows takes longer than everything else of a page, so the number is
 * remembered: for 50 times as long as the counting took, two seconds at least and a minute at most. After that the next
 * one who asks still gets it, and it is counted meanwhile. Those who ask while it is counted wait for the same count.
 * The same list is one with the same filters in the same scope: what one caller may see is never counted for another.
 * Each process remembers its own.
 */
export const createTotals = (now: () => number = () => performance.now()) => {
  const byDb = new WeakMap<object, Totals>();
  const of = (db: Db): Totals => {
    let totals = byDb.get(db.pool);
    if (!totals) {
      totals = { known: new Map<string, Total>(), counts: new Map<string, Promise<number>>() };
      byDb.set(db.pool, totals);
    }
    return totals;
  };
  const countNow = async (totals: Map<string, Total>, key: string, counted: () => Promise<number>): Promise<number> => {
    const begun = now();
    const total = await counted();
    const fresh = Math.min(MOST_MS, Math.max(LEAST_MS, SHARE * (now() - begun)));
    totals.delete(key);
    totals.set(key, { total, staleAt: now() + fresh, goneAt: now() + 2 * fresh });
    for (const oldest of totals.keys()) {
      if (totals.size <= MOST) break;
      totals.delete(oldest);
    }
    return total;
  };
  const count = (db: Db, key: string, counted: () => Promise<number>): Promise<number> => {
    const { known, counts } = of(db);
    let under = counts.get(key);
    if (!under) {
      const end = (): void => void counts.delete(key);
      counts.set(key, (under = countNow(known, key, counted)));
      under.then(end, end);
    }
    return under;
  };
  return {
    /** Counts all, unless that is under way, and remembers it. */
    count,
    /** The remembered number; undefined: none. */
    known: (db: Db, key: string, counted: () => Promise<number>): number | undefined => {
      const found = of(db).known.get(key);
      if (!found || now() > found.goneAt) return undefined;
      // A count that fails is tried again by the next one who asks.
      if (now() > found.staleAt) count(db, key, counted).catch(() => undefined);
      return found.total;
    },
  };
};
