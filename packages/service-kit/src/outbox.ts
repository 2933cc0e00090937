import { randomUUID } from 'node:crypto';
import { keepConnected } from './kept-connection.js';
import type { Db, Tx } from './database-types.js';
import { run, sql } from './statements.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { countRows, nextByChance, noteFailure, oldestRows, type OutboxRow } from './outbox-rows.js';
import { blames, makeSuspects } from './outbox-suspects.js';
import { CHANNELS, LOCKS } from './registry.js';

/**
 * Stores an event that is delivered if and only if this transaction commits. Events of one aggregate are delivered in
 * order.
 * @returns its id
 */
export const publish = async (tx: Tx, aggregate: string, payload: (eventId: string) => object): Promise<string> => {
  const eventId = randomUUID();
  await sql(tx, `insert into outbox (event_id, aggregate, payload) values ($1, $2, $3::jsonb)`, [
    eventId,
    aggregate,
    JSON.stringify(payload(eventId)),
  ]);
  await sql(tx, `select pg_notify($1, '')`, [CHANNELS.outbox]);
  return eventId;
};

export interface Delivery {
  id: string;
  /** false: the receiver refused it for good. */
  taken: boolean;
  reason?: string;
}
export interface Relay {
  stop(): Promise<void>;
  /** Delivers what is there now; for tests. */
  flush(): Promise<number>;
}

/** Events that may fail one after the other, each with an answer of its own, before there is a pause. */
const PROBES = 10;
/** Milliseconds between two measurements for the gauges. */
const MEASURE_MS = 5000;
export interface RelayOptions {
  db: Db;
  url: string;
  /** Throws an error with the HTTP `status` of the answer, or without one when there was none. */
  deliver: (events: readonly object[]) => Promise<Delivery[]>;
  log: Log;
  metrics?: Metrics;
  batch?: number;
  every?: number;
  /**
   * The first pause after a failure; pauses grow to ten times that, which bounds the delay after an outage of the
   * receiver.
   */
  pauseMs?: number;
  /** Aggregates whose next event may have failed alone at a time. */
  suspects?: number;
}

/**
 * Delivers the events of the outbox: at least once, oldest first. One process does it at a time (a session lock);
 * another takes over when that one dies. A delivered row is deleted; a refused one stays, with the reason, for the
 * operator. A batch that fails is made smaller until the failing event is alone. Its aggregate is then retried by
 * `makeSuspects`, and all others go on. The event is set aside after some tries, if others are answered meanwhile; a
 * receiver that answers nothing is down, and nothing is set aside. Before each pause an event of another aggregate is
 * tried, so that failing events, however many, do not block those behind them.
 */
export const startRelay = async ({
  db,
  url,
  deliver,
  log,
  metrics,
  batch = 500,
  every = 1000,
  pauseMs = 500,
  suspects: max,
}: RelayOptions): Promise<Relay> => {
  const delivered = metrics?.counter('nefos_outbox_delivered_total', 'Events told to their receiver');
  const failures = metrics?.counter('nefos_outbox_failures_total', 'Deliveries that failed and are repeated');
  const gauges = {
    pending: metrics?.gauge('nefos_outbox_pending', 'Events not yet told'),
    oldest: metrics?.gauge('nefos_outbox_oldest_seconds', 'Age of the oldest event not yet told'),
    set_aside: metrics?.gauge('nefos_outbox_set_aside', 'Events that are set aside until the operator retries them'),
    refused: metrics?.gauge('nefos_outbox_refused', 'Events that their receiver refused'),
  };
  let stopped = false;
  let wake: (() => void) | undefined;
  /** Whether this process holds the lock. */
  let leader = false;
  let pause = 0;
  let size = batch;
  /** Events still to be delivered one by one before batches grow again. */
  let oneByOne = 0;
  let measuredAt = 0;
  /** Since when deliveries fail; 0 while they succeed. */
  let failingSince = 0;
  /** Events that failed alone since the last success and the last pause. */
  let inARow = 0;
  let lastAlone: Error | undefined;
  // When more aggregates fail than fit in memory, until all others are delivered: skip those whose next event id <=
  // `skippedUpTo`. `highestSkipped` is the highest id of an event that failed so.
  let skippedUpTo = '0';
  let highestSkipped = '0';
  let resolveStopped = (): void => undefined;
  const whenStopped = new Promise<void>((resolve) => {
    resolveStopped = resolve;
  });
  const connection = await keepConnected({
    url,
    name: 'outbox-relay',
    log,
    metrics,
    onOpen: async (client) => {
      await client.query(`listen ${CHANNELS.outbox}`);
    },
    onLost: () => {
      leader = false;
    },
    onNotification: () => wake?.(),
  });
  /** Every process measures, also one that does not deliver: its gauges would be out of date. */
  const measure = async (): Promise<void> => {
    if (!metrics || Date.now() - measuredAt < MEASURE_MS) return;
    measuredAt = Date.now();
    const row = await countRows(db);
    for (const [name, gauge] of Object.entries(gauges)) gauge?.set(row?.[name as keyof typeof gauges] ?? 0);
  };
  /** Stores the receiver's answers. @returns how many events it took */
  const settle = async (answers: readonly Delivery[]): Promise<number> => {
    const taken = answers.filter((a) => a.taken).map((a) => a.id);
    const refused = answers.filter((a) => !a.taken);
    if (taken.length) {
      await run(db, 'delete from outbox where event_id = any($1::uuid[])', [taken]);
      delivered?.inc(taken.length);
    }
    for (const one of refused) {
      log.error({ event: one.id, reason: one.reason }, 'an event was refused by its receiver and is kept');
      await run(db, 'update outbox set refused_at = now(), last_error = $2 where event_id = $1', [
        one.id,
        one.reason ?? 'refused',
      ]);
    }
    suspects.took(answers.length);
    return taken.length;
  };
  /** @returns the receiver's answers, or why there are none */
  const attempt = async (rows: readonly OutboxRow[]): Promise<Delivery[] | Error> => {
    try {
      const answers = await deliver(rows.map((r) => r.payload));
      return answers.some((a) => rows.some((r) => r.event_id === a.id))
        ? answers
        : new Error('the receiver said nothing about any event');
    } catch (err) {
      return err as Error;
    }
  };
  const suspects = makeSuspects({
    db,
    log,
    metrics,
    pauseMs,
    deliver: async (row) => {
      const answers = await attempt([row]);
      if (answers instanceof Error) return answers;
      await settle(answers);
      // The receiver works, even if other events fail.
      lastAlone = undefined;
      inARow = 0;
      return undefined;
    },
    mayDeliver: () => leader,
    failing: () => failingSince > 0,
    max,
    onFreed: () => wake?.(),
  });
  /** The event failed alone. @returns whether its aggregate is remembered, and skipped from now on */
  const suspect = (row: OutboxRow, err: Error): boolean => {
    lastAlone = err;
    if (suspects.full()) return false;
    suspects.add(row, err);
    return true;
  };
  const markHealthy = (): void => {
    pause = 0;
    if (failingSince) log.info({ seconds: Math.round((Date.now() - failingSince) / 1000) }, 'events are told again');
    failingSince = 0;
    lastAlone = undefined;
    inARow = 0;
  };
  /** Delivers one waiting event, chosen by chance. @returns whether the receiver answered for it */
  const probe = async (): Promise<boolean> => {
    const row = await nextByChance(db, suspects.aggregates());
    if (!row) return false;
    const answers = await attempt([row]);
    if (answers instanceof Error) {
      failures?.inc();
      await noteFailure(db, [row], answers);
      suspect(row, answers);
      return false;
    }
    await settle(answers);
    markHealthy();
    return true;
  };
  /** Decides after a failed delivery: returns when the next one follows at once, throws to pause. */
  const failed = async (rows: readonly OutboxRow[], err: Error): Promise<void> => {
    failures?.inc();
    const blamed = blames(err);
    size = Math.ceil(rows.length / 2);
    if (!blamed) {
      // Each failure may be a time-out: halving would cost many of them, one by one only one more.
      size = 1;
      oneByOne = Math.max(oneByOne, rows.length);
    }
    await noteFailure(db, rows, err);
    const [only] = rows;
    if (rows.length > 1 || !only) {
      if (blamed) return;
      throw err;
    }
    if (!suspect(only, err) && BigInt(only.id) > BigInt(highestSkipped)) highestSkipped = only.id;
    if (suspects.full()) skippedUpTo = highestSkipped;
    inARow += 1;
    if (inARow < (blamed ? PROBES : 2)) return;
    inARow = 0;
    if (!(await probe())) throw err;
  };
  const flush = async (mayContinue: () => boolean = () => true): Promise<number> => {
    let taken = 0;
    while (!stopped && mayContinue()) {
      const rows = await oldestRows(db, size, suspects.aggregates(), skippedUpTo);
      if (!rows.length) {
        const err = lastAlone;
        lastAlone = undefined;
        inARow = 0;
        // No other event is left that could show that the receiver works.
        if (err) suspects.release();
        const skipped = skippedUpTo !== '0';
        if (!skipped) highestSkipped = '0';
        if (!suspects.full()) skippedUpTo = '0';
        if (err) throw err;
        if (!skipped || (skippedUpTo !== '0' && !(await probe()))) return taken;
        continue;
      }
      const answers = await attempt(rows);
      if (answers instanceof Error) {
        await failed(rows, answers);
        continue;
      }
      taken += await settle(answers);
      markHealthy();
      oneByOne = Math.max(0, oneByOne - rows.length);
      size = oneByOne ? 1 : Math.min(batch, size * 2);
    }
    return taken;
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      // Made before the delivery, so that a notification that comes during it is not lost.
      let timer: NodeJS.Timeout | undefined;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        const client = connection.client();
        if (client && !leader) {
          const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, 1) got', [
            LOCKS.outboxRelay,
          ]);
          leader = Boolean(rows[0]?.got) && connection.client() === client;
        }
        if (leader) {
          await flush(() => leader);
          markHealthy();
        }
      } catch (err) {
        pause = Math.min(10 * pauseMs, pause ? pause * 2 : pauseMs / 2);
        if (!stopped && !failingSince)
          log.warn({ reason: (err as Error).message }, 'events can not be told now; they are kept and tried again');
        failingSince ||= Date.now();
      }
      await measure().catch(() => undefined);
      const rest = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, pause || every);
      });
      // A pause is not cut short by notifications.
      await Promise.race(pause ? [rest, whenStopped] : [woken, rest, whenStopped]);
      clearTimeout(timer);
    }
  };
  const running = loop();
  return {
    flush: () => flush(),
    stop: async () => {
      stopped = true;
      resolveStopped();
      await Promise.all([running, suspects.stop()]);
      await connection.stop();
    },
  };
};
