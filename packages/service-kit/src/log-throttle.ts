/** One line per key within this time. */
const THROTTLE_MS = 5000;
/** Further fields of a log line; undefined: the line is not written. */
export type LogThrottle = (key: string, now?: number) => { not_written?: number } | undefined;
/**
 * For log lines that an outage would write for every request: one per key and five seconds, with the number of those
 * left out since. Keys must not come from requests: they are never forgotten.
 */
export const createLogThrottle = (): LogThrottle => {
  const keys = new Map<string, { until: number; unwritten: number }>();
  return (key, now = Date.now()) => {
    const known = keys.get(key);
    if (known && now < known.until) {
      known.unwritten += 1;
      return undefined;
    }
    keys.set(key, { until: now + THROTTLE_MS, unwritten: 0 });
    return known?.unwritten ? { not_written: known.unwritten } : {};
  };
};
