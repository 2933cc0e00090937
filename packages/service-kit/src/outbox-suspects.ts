import type { Db } from './db.js';
import { run, sql } from './db.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

export interface OutboxRow {
  id: string;
  event_id: string;
  aggregate: string;
  payload: object;
}
// What comes after an event that is set aside, of the same aggregate, waits behind it.
export const DELIVERABLE = `refused_at is null and set_aside_at is null
  and not exists (select from outbox b where b.aggregate = o.aggregate and b.set_aside_at is not null and b.id < o.id)`;

/** Failures that count, until an event is set aside: an answer that speaks of the request, and one that may speak of the receiver. */
const TRIES = 5;
const TRIES_WITHOUT_BLAME = 20;
/** So many are told again at a time, beside the others. */
const AT_A_TIME = 4;
/** Aggregates that may be under suspicion before anything proves that the receiver works. */
const MAX_UNPROVEN = 200;
/** Statuses that speak of the receiver or of the way to it rather than of one event. */
const ABOUT_RECEIVER = new Set([401, 403, 404, 407, 408, 421, 425, 429, 502, 503, 504]);
/** Whether a failure is an answer to the request itself. No answer, a time-out or a receiver that is away is not. */
export const blames = (err: unknown): boolean => {
  const { status } = (err ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && !ABOUT_RECEIVER.has(status);
};
/** Writes down that these were told in vain. */
export const noteFailure = (db: Db, rows: readonly OutboxRow[], err: Error): Promise<number> =>
  run(db, 'update outbox set attempts = attempts + 1, last_error = $2 where id = any($1::bigint[])', [
    rows.map((r) => r.id),
    String(err.message).slice(0, 500),
  ]);

interface Suspect {
  row: OutboxRow;
  err: Error;
  /** What the receiver had taken when this one failed: more since then means that the failure is the event's own. */ taken: number;
  tries: number;
  proven: boolean;
  busy: boolean;
  timer?: NodeJS.Timeout;
}
export interface Suspects {
  /** Aggregates that nobody else may tell about now. */ aggregates(): string[];
  /** This event was told alone and failed. */ add(row: OutboxRow, err: Error): void;
  /** The receiver has dealt with this many events. */ took(count: number): void;
  /** Nothing was taken since they failed: the receiver is at fault, not they. */ release(): void;
  stop(): Promise<void>;
}
export interface SuspectOptions {
  db: Db;
  log: Log;
  metrics?: Metrics | undefined;
  /** Tells one event. @returns why the receiver did not deal with it */ tell: (row: OutboxRow) => Promise<Error | undefined>;
  /** Whether to tell anything now. */ may: () => boolean;
  /** An aggregate is no longer held. */ freed: () => void;
  pauseMs: number;
}

/**
 * Aggregates whose next event failed alone. They are told again beside all others, with growing pauses, so that they hold nobody up. A failure counts
 * only if the receiver took something of others since; after enough of them the event is set aside.
 */
export const makeSuspects = ({ db, log, metrics, tell, may, freed, pauseMs }: SuspectOptions): Suspects => {
  const aside = metrics?.counter('nefos_outbox_set_aside_total', 'Events that were set aside because they alone failed');
  const failures = metrics?.counter('nefos_outbox_failures_total', 'Deliveries that failed and are repeated');
  const suspects = new Map<string, Suspect>();
  const running = new Set<Promise<void>>();
  let taken = 0;
  let stopped = false;
  const free = (one: Suspect): void => {
    clearTimeout(one.timer);
    if (suspects.get(one.row.aggregate) === one) suspects.delete(one.row.aggregate);
    freed();
  };
  const release = (): void => {
    for (const one of [...suspects.values()]) if (!one.proven && !one.busy && one.taken === taken) free(one);
  };
  /** @returns whether the event is set aside now */
  const count = async ({ row, err }: Suspect): Promise<boolean> => {
    const [now] = await sql<{ set_aside: boolean }>(
      db,
      `update outbox set blamed = blamed + 1, set_aside_at = case when blamed + 1 >= $2 then now() end where id = $1
        returning set_aside_at is not null set_aside`,
      [row.id, blames(err) ? TRIES : TRIES_WITHOUT_BLAME],
    );
    if (!now?.set_aside) return false;
    aside?.inc();
    log.error(
      { event: row.event_id, aggregate: row.aggregate, reason: err.message },
      'an event fails though others are taken: it is set aside, what follows of its aggregate waits; see `npm run nefos -- outbox list`',
    );
    return true;
  };
  const wait = (one: Suspect, ms: number): void => {
    if (stopped) return;
    one.timer = setTimeout(() => {
      if (!may() || running.size >= AT_A_TIME) {
        wait(one, pauseMs);
        return;
      }
      const work = again(one).finally(() => running.delete(work));
      running.add(work);
    }, ms);
  };
  const pauseOf = (one: Suspect): number => Math.min(10 * pauseMs, pauseMs * 2 ** (one.tries - 1));
  const again = async (one: Suspect): Promise<void> => {
    one.busy = true;
    try {
      if (taken > one.taken) {
        one.proven = true;
        // Counted once, whatever happens to the next try.
        one.taken = Infinity;
        if (await count(one)) {
          free(one);
          return;
        }
      }
      // Read anew: the operator may have deleted it.
      const [row] = await sql<OutboxRow>(
        db,
        `select id, event_id, aggregate, payload from outbox o where aggregate = $1 and ${DELIVERABLE} order by id limit 1`,
        [one.row.aggregate],
      );
      if (!row) {
        free(one);
        return;
      }
      one.row = row;
      const err = await tell(row);
      if (!err) {
        free(one);
        return;
      }
      failures?.inc();
      Object.assign(one, { err, taken, tries: one.tries + 1 });
      await noteFailure(db, [row], err);
      wait(one, pauseOf(one));
    } catch {
      // The database's fault.
      wait(one, pauseOf(one));
    } finally {
      one.busy = false;
    }
  };
  return {
    aggregates: () => [...suspects.keys()],
    add: (row, err) => {
      if (suspects.size >= MAX_UNPROVEN) release();
      const one: Suspect = { row, err, taken, tries: 1, proven: false, busy: false };
      suspects.set(row.aggregate, one);
      wait(one, pauseOf(one));
    },
    took: (events) => {
      taken += events;
    },
    release,
    stop: async () => {
      stopped = true;
      for (const one of suspects.values()) clearTimeout(one.timer);
      await Promise.all(running);
    },
  };
};
