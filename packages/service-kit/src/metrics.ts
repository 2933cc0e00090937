import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Counters of one process, served at /metrics. */
export interface Metrics {
  registry: Registry;
  counter: <L extends string>(name: string, help: string, labels?: readonly L[]) => Counter<L>;
  gauge: <L extends string>(name: string, help: string, labels?: readonly L[]) => Gauge<L>;
  histogram: <L extends string>(name: string, help: string, labels?: readonly L[], buckets?: number[]) => Histogram<L>;
}
export const createMetrics = (service: string, defaults = true): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (defaults) collectDefaultMetrics({ register: registry });
  return {
    registry,
    // Several users of one kind (connections, relays) share one metric and differ by label.
    counter: <L extends string>(name: string, help: string, labels: readonly L[] = []) =>
      (registry.getSingleMetric(name) as Counter<L> | undefined) ??
      new Counter<L>({ name, help, labelNames: [...labels], registers: [registry] }),
    gauge: <L extends string>(name: string, help: string, labels: readonly L[] = []) =>
      (registry.getSingleMetric(name) as Gauge<L> | undefined) ??
      new Gauge<L>({ name, help, labelNames: [...labels], registers: [registry] }),
    histogram: (name, help, labels = [], buckets) =>
      new Histogram({ name, help, labelNames: [...labels], registers: [registry], ...(buckets && { buckets }) }),
  };
};
