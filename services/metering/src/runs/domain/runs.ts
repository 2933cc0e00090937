import type { PowerEvent, Size } from '../store/tables.js';

export type { PowerEvent, Size };
/** A powered-on interval `[start, end)`; `end` is null while it runs. */
export interface Interval {
  start: number;
  end: number | null;
  size: Size | null;
}

const intervals = (events: readonly PowerEvent[]): { start: number; end: number | null }[] => {
  const out: { start: number; end: number | null }[] = [];
  let openedAt: number | null = null;
  for (const { type, at } of events) {
    if (type === 'power_on') openedAt ??= at;
    else if (type === 'power_off' && openedAt !== null) {
      out.push({ start: openedAt, end: at });
      openedAt = null;
    }
  }
  if (openedAt !== null) out.push({ start: openedAt, end: null });
  return out;
};

/**
 * Runs of one instance from its events (contract metering §8.1): a second power_on, and a power_off of what is off,
 * change nothing. The size of a run is the one in force at its start, or the first one after it when there is none
 * before [beyond]: so the result depends on the events alone, not on the order in which they arrived.
 * @param events ordered by time, those of one instant by sequence
 * @param before size in force before the first of them
 */
export const normaliseEvents = (events: readonly PowerEvent[], before: Size | null = null): Interval[] => {
  const sized = events.filter((e): e is PowerEvent & { size: Size } => e.size !== null);
  let next = 0;
  let inForce = before;
  return intervals(events).map(({ start, end }) => {
    for (; next < sized.length && (sized[next] as PowerEvent).at <= start; next += 1)
      inForce = (sized[next] as PowerEvent).size;
    return { start, end, size: inForce ?? sized[next]?.size ?? null };
  });
};
