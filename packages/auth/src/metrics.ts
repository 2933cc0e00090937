import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { VerifierEvent, VerifierStats } from './verifier-options.js';

/** Adds a verifier's metrics to a registry. Counts are read at a scrape; lookup times are observed as they happen. */
export const meterVerifier = (registry: Registry, stats: () => VerifierStats): ((event: VerifierEvent) => void) => {
  const registers = [registry];
  new Counter({
    name: 'nefos_auth_verifications_total',
    help: 'Tokens checked, by where the answer came from',
    labelNames: ['outcome'],
    registers,
    collect() {
      const { hits, negativeHits, misses, joined, usedStale, unavailable } = stats();
      this.reset();
      for (const [outcome, value] of Object.entries({
        hit: hits,
        negative_hit: negativeHits,
        miss: misses,
        joined,
        grace: usedStale,
        unavailable,
      }))
        this.inc({ outcome }, value);
    },
  });
  new Gauge({
    name: 'nefos_auth_cached_tokens',
    help: 'Good tokens remembered',
    registers,
    collect() {
      this.set(stats().entries);
    },
  });
  new Gauge({
    name: 'nefos_auth_circuit_open',
    help: '1 while identity is taken for dead',
    registers,
    collect() {
      this.set(stats().circuit === 'open' ? 1 : 0);
    },
  });
  const upstream = new Histogram({
    name: 'nefos_auth_upstream_seconds',
    help: 'Time identity took to answer',
    labelNames: ['outcome'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
    registers,
  });
  return (event) => {
    if (event.type === 'lookup') upstream.observe({ outcome: event.outcome }, event.seconds);
  };
};
