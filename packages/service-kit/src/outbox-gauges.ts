import type { Db } from './database-types.js';
import type { Metrics } from './metrics.js';
import { countRows } from './outbox-rows.js';

/** Milliseconds between two measurements. */
const MEASURE_MS = 5000;

/**
 * Every process measures, also one that does not deliver: its gauges would be out of date.
 * @returns updates the gauges, when the last measurement is older than five seconds
 */
export const outboxGauges = (db: Db, metrics: Metrics | undefined): (() => Promise<void>) => {
  if (!metrics) return () => Promise.resolve();
  const gauges = {
    pending: metrics.gauge('nefos_outbox_pending', 'Events not yet delivered'),
    oldest: metrics.gauge('nefos_outbox_oldest_seconds', 'Age of the oldest event not yet delivered'),
    set_aside: metrics.gauge('nefos_outbox_set_aside', 'Events that are set aside until the operator retries them'),
    refused: metrics.gauge('nefos_outbox_refused', 'Events that their receiver refused'),
  };
  let measuredAt = 0;
  return async () => {
    if (Date.now() - measuredAt < MEASURE_MS) return;
    measuredAt = Date.now();
    const row = await countRows(db);
    for (const [name, gauge] of Object.entries(gauges)) gauge.set(row?.[name as keyof typeof gauges] ?? 0);
  };
};
