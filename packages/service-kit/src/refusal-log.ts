import type { Counter } from 'prom-client';
import type { Fault } from './fault.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { makeQuiet, type Quiet } from './quiet.js';

const services = new WeakMap<Metrics, { refusals: Counter<'code'>; quiet: Quiet }>();

/**
 * Tells the operator of a request that is refused because something is away. An outage refuses every request, so the line is written at most
 * every five seconds for each code; the metric counts all.
 */
export const logRefusal = (
  { log, metrics, requestId }: { log: Log; metrics: Metrics; requestId: string },
  { code, cause, params }: Fault,
): void => {
  let told = services.get(metrics);
  if (!told) {
    const refusals = metrics.counter(
      'nefos_http_refused_for_now_total',
      'Requests refused because something that they need is away',
      ['code'],
    );
    services.set(metrics, (told = { refusals, quiet: makeQuiet() }));
  }
  told.refusals.inc({ code });
  if (params.told) return;
  const more = told.quiet(code);
  // No stack: it says nothing about a peer that is away.
  const reason = cause instanceof Error ? { reason: cause.message } : {};
  if (more) log.warn({ code, request_id: requestId, ...reason, ...more }, 'refused for now');
};
