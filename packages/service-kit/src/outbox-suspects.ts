import type { Db } from './db.js';
import { sql } from './db.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { nextOf, noteFailure, type OutboxRow } from './outbox-rows.js';

/**
 * Failures that count, until an event is set aside: an answer that speaks of the request, and one that may speak of
 * the receiver.
 */
const TRIES = 5;
const TRIES_WITHOUT_BLAME = 20;
/** So many are told again at a time, beside the others; one while others fail too. */
const AT_A_TIME = 4;
/**
 * Aggregates that may be under suspicion at a time: a few hundred bytes each, and their names are in every question
 * for events.
 */
const MOST = 2000;
/** Statuses that speak of the receiver or of the way to it rather than of one event. */
const ABOUT_RECEIVER = new Set([401, 403, 404, 407, 408, 421, 425, 429, 502, 503, 504]);
/** Whether a failure is an answer to the request itself. No answer, a time-out or a receiver that is away is not. */
export const blames = (err: unknown): boolean => {
  const { status } = (err ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && !ABOUT_RECEIVER.has(status);
};

/** The event that failed. Its payload is read anew when it is told again. */
interface Failure {
  id: string;
  event: string;
  reason: string;
  /** Failures that count until it is set aside. */ limit: number;
  /** What the receiver had taken then: more since means that the failure is the event's own. */ taken: number;
}
interface Suspect extends Failure {
  aggregate: string;
  tries: number;
  /** Not told again before. */ due: number;
  proven: boolean;
  busy: boolean;
}
export interface Suspects {
  /** Aggregates that nobody else may tell about now. */ aggregates(): string[];
  /** Whether no other can be remembered. */ full(): boolean;
  /** This event was told alone and failed. */ add(row: OutboxRow, err: Error): void;
  /** The receiver has dealt with this many events. */ took(count: number): void;
  /** Nothing was taken since they failed: the receiver is at fault, not they. */ release(): void;
  stop(): Promise<void>;
}
export interface SuspectOptions {
  db: Db;
  log: Log;
  metrics?: Metrics | undefined;
  /** Tells one event. @returns why the receiver did not deal with it */ tell: (
    row: OutboxRow,
  ) => Promise<Error | undefined>;
  /** Whether to tell anything now. */ may: () => boolean;
  /** Whether others fail too: the receiver may be down, and is spared. */ failing: () => boolean;
  /** An aggregate is no longer held. */ freed: () => void;
  pauseMs: number;
  most?: number | undefined;
}

/**
 * Aggregates whose next event failed alone. They are told again beside all others, in turn and with growing pauses, so
 * that they hold nobody up, and nobody holds them up. A failure counts only if the receiver took something of others
 * since; after enough of them the event is set aside.
 */
export const makeSuspects = ({
  db,
  log,
  metrics,
  tell,
  may,
  failing,
  freed,
  pauseMs,
  most = MOST,
}: SuspectOptions): Suspects => {
  const aside = metrics?.counter(
    'nefos_outbox_set_aside_total',
    'Events that were set aside because they alone failed',
  );
  const failures = metrics?.counter('nefos_outbox_failures_total', 'Deliveries that failed and are repeated');
  /** In the order in which they are told again. */
  const suspects = new Map<string, Suspect>();
  const running = new Set<Promise<void>>();
  /** Between two tries that fail: 40 in a second by default. */
  const gap = pauseMs / 20;
  let timer: NodeJS.Timeout | undefined;
  let notBefore = 0;
  let taken = 0;
  let stopped = false;
  const failureOf = (row: OutboxRow, err: Error): Failure => ({
    id: row.id,
    event: row.event_id,
    reason: String(err.message).slice(0, 500),
    limit: blames(err) ? TRIES : TRIES_WITHOUT_BLAME,
    taken,
  });
  const free = (one: Suspect): void => {
    suspects.delete(one.aggregate);
    freed();
  };
  /** @returns whether the event is set aside now */
  const count = async ({ id, event, aggregate, reason, limit }: Suspect): Promise<boolean> => {
    const [now] = await sql<{ set_aside: boolean }>(
      db,
      `update outbox set blamed = blamed + 1, set_aside_at = case when blamed + 1 >= $2 then now() end where id = $1
        returning set_aside_at is not null set_aside`,
      [id, limit],
    );
    if (!now?.set_aside) return false;
    aside?.inc();
    log.error(
      { event, aggregate, reason },
      'an event fails though others are taken: it is set aside, what follows of its aggregate waits; see `npm run nefos -- outbox list`',
    );
    return true;
  };
  /** To the end of the queue. */
  const wait = (one: Suspect): void => {
    const now = performance.now();
    one.due = now + Math.min(10 * pauseMs, pauseMs * 2 ** (one.tries - 1));
    suspects.delete(one.aggregate);
    suspects.set(one.aggregate, one);
    notBefore = Math.max(now, notBefore) + (failing() ? pauseMs : gap);
  };
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
      const row = await nextOf(db, one.aggregate);
      const err = row && (await tell(row));
      if (!err) {
        free(one);
        return;
      }
      failures?.inc();
      Object.assign(one, failureOf(row, err), { tries: one.tries + 1 });
      await noteFailure(db, [row], err);
      wait(one);
    } catch {
      // The database's fault.
      wait(one);
    } finally {
      one.busy = false;
    }
  };
  /** Tells who is due again, as many as may be. */
  const look = (): void => {
    clearTimeout(timer);
    if (stopped || !suspects.size) return;
    const now = performance.now();
    const atATime = failing() ? 1 : AT_A_TIME;
    for (const one of may() ? suspects.values() : []) {
      if (running.size >= atATime || now < notBefore) break;
      if (one.busy || one.due > now) continue;
      const work = again(one).finally(() => {
        running.delete(work);
        look();
      });
      running.add(work);
    }
    timer = setTimeout(look, gap);
  };
  return {
    aggregates: () => [...suspects.keys()],
    full: () => suspects.size >= most,
    add: (row, err) => {
      suspects.set(row.aggregate, {
        ...failureOf(row, err),
        aggregate: row.aggregate,
        tries: 1,
        due: performance.now() + pauseMs,
        proven: false,
        busy: false,
      });
      look();
    },
    took: (events) => {
      taken += events;
    },
    release: () => {
      for (const one of [...suspects.values()]) if (!one.proven && !one.busy && one.taken === taken) free(one);
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await Promise.all(running);
    },
  };
};
