import type { Counter } from 'prom-client';
import type { Fault } from './fault.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { createLogThrottle, type LogThrottle } from './log-throttle.js';

const services = new WeakMap<Metrics, { refusals: Counter<'code'>; throttle: LogThrottle }>();

/**
 * Logs a request that is refused because something is unavailable. An outage refuses every request, so a line is
 * written at most every five seconds for each code; the metric counts all.
 */
export const logRefusal = (
  { log, metrics, requestId }: { log: Log; metrics: Metrics; requestId: string },
  { code, cause, params }: Fault,
): void => {
  let service = services.get(metrics);
  if (!service) {
    const refusals = metrics.counter(
      'nefos_http_refused_for_now_total',
      'Requests refused because something that they need is away',
      ['code'],
    );
    services.set(metrics, (service = { refusals, throttle: createLogThrottle() }));
  }
  service.refusals.inc({ code });
  if (params.logged) return;
  const logFields = service.throttle(code);
  // Without the stack, which has nothing about a peer that is away.
  const reason = cause instanceof Error ? { reason: cause.message } : {};
  if (logFields) log.warn({ code, request_id: requestId, ...reason, ...logFields }, 'refused for now');
};
