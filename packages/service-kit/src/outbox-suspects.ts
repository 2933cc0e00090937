import type { Db } from './database-types.js';
import { sql } from './statements.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { nextOf, noteFailure, type OutboxRow } from './outbox-rows.js';

/** Failures until an event is set aside, if the answer is about the event. */
const TRIES = 5;
/** Failures until an event is set aside, if the answer may be about the receiver, or there was none. */
const TRIES_WITHOUT_BLAME = 20;
/** Retries that may run together; one when other deliveries fail too. */
const AT_A_TIME = 4;
/** Aggregates remembered at most: each takes a few hundred bytes, and its name is in every query for events. */
const MAX_SUSPECTS = 2000;
/** Statuses that are about the receiver, or the way to it, rather than about one event. */
const ABOUT_RECEIVER = new Set([401, 403, 404, 407, 408, 421, 425, 429, 502, 503, 504]);
/** True for a status of 400 or more, 500 included, unless it is in `ABOUT_RECEIVER`. */
export const isAboutEvent = (err: unknown): boolean => {
  const { status } = (err ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && !ABOUT_RECEIVER.has(status);
};

/** The event that failed. Its payload is read again for the retry. */
interface Failure {
  id: string;
  event: string;
  reason: string;
  /** Counted failures until it is set aside. */
  limit: number;
  /** Events that the receiver had answered by then. When it answers more later, the failure was the event's own. */
  answered: number;
}
interface Suspect extends Failure {
  aggregate: string;
  tries: number;
  /** When the next retry may be, by `performance.now()`. */
  due: number;
  /** The receiver has answered for others after a failure of this one. */
  proven: boolean;
  busy: boolean;
}
export interface Suspects {
  /** Aggregates that are retried here and must not be delivered elsewhere. */
  aggregates(): string[];
  /** Whether no more can be remembered. */
  full(): boolean;
  /** This event was delivered alone and failed. */
  add(row: OutboxRow, err: Error): void;
  /** The receiver has answered for this many events. */
  answered(count: number): void;
  /** Frees all for which nothing was answered since they failed: the receiver is at fault. */
  release(): void;
  stop(): Promise<void>;
}
export interface SuspectOptions {
  db: Db;
  log: Log;
  metrics?: Metrics | undefined;
  /** Delivers one event. @returns why the receiver did not answer for it */
  deliver: (row: OutboxRow) => Promise<Error | undefined>;
  /** Whether to deliver anything now. */
  mayDeliver: () => boolean;
  /** Whether others fail too: the receiver may be down, and gets fewer retries. */
  failing: () => boolean;
  /** An aggregate is no longer retried here. */
  onFreed: () => void;
  pauseMs: number;
  max?: number | undefined;
}

/**
 * Retries aggregates whose next event failed alone, beside all others, in turn and with growing pauses: neither
 * blocks the other. A failure counts only if the receiver has answered others since; after enough of them the
 * event is set aside.
 */
export const makeSuspects = ({
  db,
  log,
  metrics,
  deliver,
  mayDeliver,
  failing,
  onFreed,
  pauseMs,
  max = MAX_SUSPECTS,
}: SuspectOptions): Suspects => {
  const aside = metrics?.counter(
    'nefos_outbox_set_aside_total',
    'Events that were set aside because they alone failed',
  );
  const failures = metrics?.counter('nefos_outbox_failures_total', 'Deliveries that failed and are repeated');
  /** In the order of their retries. */
  const suspects = new Map<string, Suspect>();
  const running = new Set<Promise<void>>();
  /** Milliseconds between two failing retries: 40 in a second by default. */
  const gap = pauseMs / 20;
  let timer: NodeJS.Timeout | undefined;
  let notBefore = 0;
  let answered = 0;
  let stopped = false;
  const failureOf = (row: OutboxRow, err: Error): Failure => ({
    id: row.id,
    event: row.event_id,
    reason: String(err.message).slice(0, 500),
    limit: isAboutEvent(err) ? TRIES : TRIES_WITHOUT_BLAME,
    answered,
  });
  const free = (one: Suspect): void => {
    suspects.delete(one.aggregate);
    onFreed();
  };
  /** @returns whether the event is set aside now */
  const count = async ({ id, event, aggregate, reason, limit }: Suspect): Promise<boolean> => {
    const [updated] = await sql<{ set_aside: boolean }>(
      db,
      `update outbox set blamed = blamed + 1, set_aside_at = case when blamed + 1 >= $2 then now() end where id = $1
        returning set_aside_at is not null set_aside`,
      [id, limit],
    );
    if (!updated?.set_aside) return false;
    aside?.inc();
    log.error(
      { event, aggregate, reason },
      'an event fails though others are delivered: it is set aside, what follows of its aggregate waits; ' +
        'see `npm run nefos -- outbox list`',
    );
    return true;
  };
  /** To the end of the order. */
  const postpone = (one: Suspect): void => {
    const now = performance.now();
    one.due = now + Math.min(10 * pauseMs, pauseMs * 2 ** (one.tries - 1));
    suspects.delete(one.aggregate);
    suspects.set(one.aggregate, one);
    notBefore = Math.max(now, notBefore) + (failing() ? pauseMs : gap);
  };
  const retry = async (one: Suspect): Promise<void> => {
    one.busy = true;
    try {
      if (answered > one.answered) {
        one.proven = true;
        // Each failure is counted once.
        one.answered = Infinity;
        if (await count(one)) {
          free(one);
          return;
        }
      }
      // Read again: the operator may have deleted it.
      const row = await nextOf(db, one.aggregate);
      const err = row && (await deliver(row));
      if (!err) {
        free(one);
        return;
      }
      failures?.inc();
      Object.assign(one, failureOf(row, err), { tries: one.tries + 1 });
      await noteFailure(db, [row], err);
      postpone(one);
    } catch {
      // The database failed, not the receiver.
      postpone(one);
    } finally {
      one.busy = false;
    }
  };
  /** Retries those that are due, as many as allowed. */
  const retryDue = (): void => {
    clearTimeout(timer);
    if (stopped || !suspects.size) return;
    const now = performance.now();
    const atATime = failing() ? 1 : AT_A_TIME;
    for (const one of mayDeliver() ? suspects.values() : []) {
      if (running.size >= atATime || now < notBefore) break;
      if (one.busy || one.due > now) continue;
      const work = retry(one).finally(() => {
        running.delete(work);
        retryDue();
      });
      running.add(work);
    }
    timer = setTimeout(retryDue, gap);
  };
  return {
    aggregates: () => [...suspects.keys()],
    full: () => suspects.size >= max,
    add: (row, err) => {
      suspects.set(row.aggregate, {
        ...failureOf(row, err),
        aggregate: row.aggregate,
        tries: 1,
        due: performance.now() + pauseMs,
        proven: false,
        busy: false,
      });
      retryDue();
    },
    answered: (events) => {
      answered += events;
    },
    release: () => {
      for (const one of [...suspects.values()]) if (!one.proven && !one.busy && one.answered === answered) free(one);
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await Promise.all(running);
    },
  };
};
