import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** Counting costs the database something, so many scrapes share one count. */
const FRESH_MS = 30_000;
/** A scrape waits so long for the very first count. */
const FIRST_MS = 2000;

export interface Figure {
  name: string;
  help: string;
  /** What the count is by. */ label: string;
  /** All values that the label may have: what there is none of is 0, not absent. */ values: readonly string[];
  count: () => Promise<Iterable<readonly [value: string, count: number]>>;
  log: Log;
}
/**
 * A gauge of how many rows there are, counted when it is asked for, at most every half minute. A scrape never waits for the database for
 * long: it shows the last count while a new one is made, and nothing before the first.
 */
export const addFigure = (metrics: Metrics, { name, help, label, values, count, log }: Figure): void => {
  let known: ReadonlyMap<string, number> | undefined;
  let askedAt = -Infinity;
  let asking: Promise<void> | undefined;
  let failing = false;
  const refresh = async (): Promise<void> => {
    try {
      known = new Map([...values.map((value) => [value, 0] as const), ...(await count())]);
      failing = false;
    } catch (err) {
      if (!failing)
        log.warn({ metric: name, reason: (err as Error).message }, 'a metric can not be counted; it is tried again');
      failing = true;
    }
  };
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [metrics.registry],
    async collect() {
      if (!asking && Date.now() - askedAt >= FRESH_MS) {
        askedAt = Date.now();
        asking = refresh().finally(() => {
          asking = undefined;
        });
      }
      if (!known && asking) await Promise.race([asking, sleep(FIRST_MS, undefined, { ref: false })]);
      this.reset();
      for (const [value, number] of known ?? []) this.set({ [label]: value }, number);
    },
  });
};
