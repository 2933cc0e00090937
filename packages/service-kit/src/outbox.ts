import { randomUUID } from 'node:crypto';
import { keepConnected } from './kept-connection.js';
import type { Db, Tx } from './db.js';
import { run, sql } from './db.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { countRows, nextByChance, noteFailure, oldestRows, type OutboxRow } from './outbox-rows.js';
import { blames, makeSuspects } from './outbox-suspects.js';
import { CHANNELS, LOCKS } from './registry.js';

/** DDL of the outbox, for the service's migration: never changed, migrations that ran were made of it. `aggregate` keeps order: what one aggregate says is delivered in that order. */
export const OUTBOX_DDL = `
  create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null constraint outbox_event_id_key unique,
    aggregate text not null,
    payload jsonb not null,
    created_at timestamptz not null default now(),
    attempts int not null default 0,
    last_error text,
    refused_at timestamptz
  );
  create index outbox_pending_idx on outbox (id) where refused_at is null;
  create index outbox_aggregate_idx on outbox (aggregate, id);`;
/** What came later, for a further migration: rows that are set aside. Never changed either. */
export const OUTBOX_SET_ASIDE_DDL = `
  alter table outbox add column blamed int not null default 0, add column set_aside_at timestamptz;
  create index outbox_set_aside_idx on outbox (aggregate, id) where set_aside_at is not null;
  create index outbox_refused_idx on outbox (id) where refused_at is not null;`;
export const OUTBOX_SET_ASIDE_UNDO = `
  drop index outbox_refused_idx;
  drop index outbox_set_aside_idx;
  alter table outbox drop column set_aside_at, drop column blamed;`;

/** Records a fact that is told to others if and only if this transaction commits. @returns the event's id */
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
  /** false: the receiver will never take it. */ taken: boolean;
  reason?: string;
}
export interface Relay {
  stop(): Promise<void>;
  /** Delivers what is there now; for tests. */ flush(): Promise<number>;
}

/** So many events in a row may fail alone, by an answer of their own, before there is a pause. */
const PROBES = 10;
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
  /** The first pause after a failure; it grows to ten times that: so soon is a receiver told that is back. */ pauseMs?: number;
  /** Aggregates that may be under suspicion at a time. */ suspects?: number;
}

/**
 * Tells the outbox's facts to their receiver: at least once, oldest first. One process does it at a time (a session lock);
 * another takes over the moment that one dies. A delivered row is deleted; a refused one stays, with the reason, for the operator.
 * A batch that fails is made smaller until the event that is to blame is alone. Its aggregate is then left to `makeSuspects`, and all others go on.
 * It is set aside after some tries, if others are taken meanwhile: a receiver that takes nothing is down, and then nothing is set aside.
 * Before each pause some other aggregate is tried, so that whatever number of events that fail does not hold up what stands behind them.
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
  suspects: most,
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
  let leader = false;
  let pause = 0;
  let size = batch;
  /** So many events are told one by one before batches grow again. */
  let careful = 0;
  let measured = 0;
  let failing = 0;
  // Events that failed alone since one was last taken, and since the last pause.
  let inARow = 0;
  let lastAlone: Error | undefined;
  // More fail alone than can be remembered: who has its next event up to here is passed over, until all others are told; and how far that went.
  let after = '0';
  let far = '0';
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const line = await keepConnected({
    url,
    name: 'outbox-relay',
    log,
    metrics,
    opened: async (client) => {
      await client.query(`listen ${CHANNELS.outbox}`);
    },
    lost: () => {
      leader = false;
    },
    heard: () => wake?.(),
  });
  /** Every process measures, so that none shows what was true when it last delivered. */
  const measure = async (): Promise<void> => {
    if (!metrics || Date.now() - measured < MEASURE_MS) return;
    measured = Date.now();
    const row = await countRows(db);
    for (const [name, gauge] of Object.entries(gauges)) gauge?.set(row?.[name as keyof typeof gauges] ?? 0);
  };
  /** Writes down what became of events. @returns how many were taken */
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
  /** @returns what the receiver said, or why it said nothing */
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
    tell: async (row) => {
      const answers = await attempt([row]);
      if (answers instanceof Error) return answers;
      await settle(answers);
      // The receiver works, whatever becomes of the others.
      lastAlone = undefined;
      inARow = 0;
      return undefined;
    },
    may: () => leader,
    failing: () => failing > 0,
    most,
    freed: () => wake?.(),
  });
  /** It failed alone. @returns whether it is remembered, so that it is passed over */
  const suspect = (row: OutboxRow, err: Error): boolean => {
    lastAlone = err;
    if (suspects.full()) return false;
    suspects.add(row, err);
    return true;
  };
  const works = (): void => {
    pause = 0;
    if (failing) log.info({ seconds: Math.round((Date.now() - failing) / 1000) }, 'events are told again');
    failing = 0;
    lastAlone = undefined;
    inARow = 0;
  };
  /** Tells one event from the midst of those that wait. @returns whether the receiver dealt with it */
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
    works();
    return true;
  };
  /** What a failed delivery means. Returns when the next one should follow at once; throws to pause. */
  const failed = async (rows: readonly OutboxRow[], err: Error): Promise<void> => {
    failures?.inc();
    const blamed = blames(err);
    size = Math.ceil(rows.length / 2);
    if (!blamed) {
      // Every failure may be a time-out: one by one it costs one more, by halves many.
      size = 1;
      careful = Math.max(careful, rows.length);
    }
    await noteFailure(db, rows, err);
    const [only] = rows;
    if (rows.length > 1 || !only) {
      if (blamed) return;
      throw err;
    }
    if (!suspect(only, err) && BigInt(only.id) > BigInt(far)) far = only.id;
    if (suspects.full()) after = far;
    inARow += 1;
    if (inARow < (blamed ? PROBES : 2)) return;
    inARow = 0;
    if (!(await probe())) throw err;
  };
  const flush = async (may: () => boolean = () => true): Promise<number> => {
    let told = 0;
    while (!stopped && may()) {
      const rows = await oldestRows(db, size, suspects.aggregates(), after);
      if (!rows.length) {
        const err = lastAlone;
        lastAlone = undefined;
        inARow = 0;
        // Nothing else is there to show that the receiver works.
        if (err) suspects.release();
        const passed = after !== '0';
        if (!passed) far = '0';
        if (!suspects.full()) after = '0';
        if (err) throw err;
        if (!passed || (after !== '0' && !(await probe()))) return told;
        continue;
      }
      const answers = await attempt(rows);
      if (answers instanceof Error) {
        await failed(rows, answers);
        continue;
      }
      told += await settle(answers);
      works();
      careful = Math.max(0, careful - rows.length);
      size = careful ? 1 : Math.min(batch, size * 2);
    }
    return told;
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      // Armed before the look, so that a nudge that comes during it is not lost.
      let timer: NodeJS.Timeout | undefined;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        const client = line.client();
        if (client && !leader) {
          const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, 1) got', [
            LOCKS.outboxRelay,
          ]);
          leader = Boolean(rows[0]?.got) && line.client() === client;
        }
        if (leader) {
          await flush(() => leader);
          works();
        }
      } catch (err) {
        pause = Math.min(10 * pauseMs, pause ? pause * 2 : pauseMs / 2);
        if (!stopped && !failing)
          log.warn({ reason: (err as Error).message }, 'events can not be told now; they are kept and tried again');
        failing ||= Date.now();
      }
      await measure().catch(() => undefined);
      const rest = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, pause || every);
      });
      // A pause is kept whatever is nudged meanwhile; only the end cuts it short.
      await Promise.race(pause ? [rest, ended] : [woken, rest, ended]);
      clearTimeout(timer);
    }
  };
  const running = loop();
  return {
    flush: () => flush(),
    stop: async () => {
      stopped = true;
      end();
      await Promise.all([running, suspects.stop()]);
      await line.stop();
    },
  };
};
