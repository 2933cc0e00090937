import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** How long a count is used: counting loads the database. */
const FRESH_MS = 30_000;
/** How long a scrape waits for the first count. */
const FIRST_MS = 2000;

export interface Figure {
  name: string;
  help: string;
  /** Name of the label that the rows are counted by. */
  label: string;
  /** All values of the label: those without rows are 0, not absent. */
  values: readonly string[];
  count: () => Promise<Iterable<readonly [value: string, count: number]>>;
  log: Log;
}
/**
 * A gauge of how many rows there are, counted at a scrape, at most every half minute. A scrape does not wait for a
 * new count: it shows the last one, and nothing before the first.
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
