import { randomUUID } from 'node:crypto';
import { keepConnected } from './kept-connection.js';
import type { Db, Tx } from './db.js';
import { run, sql } from './db.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

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
export const OUTBOX_CHANNEL = 'nefos_outbox';

/** Records a fact that is told to others if and only if this transaction commits. @returns the event's id */
export const publish = async (tx: Tx, aggregate: string, payload: (eventId: string) => object): Promise<string> => {
  const eventId = randomUUID();
  await sql(tx, `insert into outbox (event_id, aggregate, payload) values ($1, $2, $3::jsonb)`, [eventId, aggregate, JSON.stringify(payload(eventId))]);
  await sql(tx, `select pg_notify('${OUTBOX_CHANNEL}', '')`);
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

/** An event that fails alone so often, while others are taken, is set aside. */
const TRIES = 5;
/** So many events of others are tried before a failure is taken for the receiver's own. */
const PROBES = 10;
const MEASURE_MS = 5000;
/** A receiver that is back is told within this time, however long it was away. */
const MAX_PAUSE_MS = 5000;
/** Statuses that speak of the receiver or of the way to it, never of one event. */
const ABOUT_RECEIVER = new Set([401, 403, 404, 407, 408, 421, 425, 429, 502, 503, 504]);
/** Whether a failure can be an event's fault. No answer, a time-out or a receiver that is away never is. */
const blames = (err: unknown): boolean => {
  const { status } = (err ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && !ABOUT_RECEIVER.has(status);
};
// What comes after an event that is set aside, of the same aggregate, waits behind it.
const DELIVERABLE = `refused_at is null and set_aside_at is null
  and not exists (select from outbox b where b.aggregate = o.aggregate and b.set_aside_at is not null and b.id < o.id)`;

interface Row {
  id: string;
  event_id: string;
  aggregate: string;
  payload: object;
}
export interface RelayOptions {
  db: Db;
  url: string;
  /** Throws an error with the HTTP `status` of the answer, or without one when there was none. */
  deliver: (events: readonly object[]) => Promise<Delivery[]>;
  log: Log;
  metrics?: Metrics;
  batch?: number;
  every?: number;
}

/**
 * Tells the outbox's facts to their receiver: at least once, oldest first. One process does it at a time (a session lock);
 * another takes over the moment that one dies. A delivered row is deleted; a refused one stays, with the reason, for the operator.
 * A batch that fails is halved until the event that is to blame is alone. It is set aside after some tries, if others are taken
 * meanwhile: a receiver that takes nothing is down, and then nothing is set aside. What follows of the same aggregate waits behind it.
 */
export const startRelay = async ({ db, url, deliver, log, metrics, batch = 500, every = 1000 }: RelayOptions): Promise<Relay> => {
  const delivered = metrics?.counter('nefos_outbox_delivered_total', 'Events told to their receiver');
  const failures = metrics?.counter('nefos_outbox_failures_total', 'Deliveries that failed and are repeated');
  const aside = metrics?.counter('nefos_outbox_set_aside_total', 'Events that were set aside because they alone failed');
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
  let measured = 0;
  let failing = 0;
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
      await client.query(`listen ${OUTBOX_CHANNEL}`);
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
    const [row] = await sql<Record<keyof typeof gauges, number>>(
      db,
      `select count(*)::int pending, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 oldest,
          count(set_aside_at)::int set_aside, (select count(*)::int from outbox where refused_at is not null) refused
        from outbox where refused_at is null`,
    );
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
      await run(db, 'update outbox set refused_at = now(), last_error = $2 where event_id = $1', [one.id, one.reason ?? 'refused']);
    }
    if (!answers.length) throw new Error('the receiver said nothing about any event');
    return taken.length;
  };
  /** Whether the receiver takes the events of others now. */
  const takesOthers = async (aggregate: string): Promise<boolean> => {
    const heads = await sql<Row>(
      db,
      `select event_id, payload from (select distinct on (aggregate) * from (select * from outbox o where ${DELIVERABLE} order by id limit 1000) w
        where aggregate <> $1 order by aggregate, id) h order by random() limit ${PROBES}`,
      [aggregate],
    );
    for (const head of heads)
      try {
        await settle(await deliver([head.payload]));
        return true;
      } catch (err) {
        if (!blames(err)) return false;
      }
    return false;
  };
  /** What a failed delivery means. Returns when the next one should follow at once; throws to pause. */
  const failed = async (rows: readonly Row[], err: Error): Promise<void> => {
    failures?.inc();
    size = Math.ceil(rows.length / 2);
    const reason = String(err.message).slice(0, 500);
    await run(db, 'update outbox set attempts = attempts + 1, last_error = $2 where id = any($1::bigint[])', [rows.map((r) => r.id), reason]);
    const [only] = rows;
    if (!blames(err)) throw err;
    if (rows.length > 1 || !only) return;
    if (!(await takesOthers(only.aggregate))) throw err;
    const [now] = await sql<{ set_aside: boolean }>(
      db,
      `update outbox set blamed = blamed + 1, set_aside_at = case when blamed + 1 >= ${TRIES} then now() end where id = $1
        returning set_aside_at is not null set_aside`,
      [only.id],
    );
    if (!now?.set_aside) throw err;
    aside?.inc();
    pause = 0;
    log.error(
      { event: only.event_id, aggregate: only.aggregate, reason },
      'an event fails though others are taken: it is set aside, what follows of its aggregate waits; see `npm run nefos -- outbox list`',
    );
  };
  const flush = async (): Promise<number> => {
    let told = 0;
    while (!stopped) {
      const rows = await sql<Row>(db, `select id, event_id, aggregate, payload from outbox o where ${DELIVERABLE} order by id limit $1`, [size]);
      if (!rows.length) return told;
      let answers: Delivery[];
      try {
        answers = await deliver(rows.map((r) => r.payload));
      } catch (err) {
        await failed(rows, err as Error);
        continue;
      }
      told += await settle(answers);
      pause = 0;
      size = Math.min(batch, size * 2);
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
          const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock(78, 1) got');
          leader = Boolean(rows[0]?.got) && line.client() === client;
        }
        if (leader) {
          await flush();
          pause = 0;
          if (failing) log.info({ seconds: Math.round((Date.now() - failing) / 1000) }, 'events are told again');
          failing = 0;
        }
      } catch (err) {
        pause = Math.min(MAX_PAUSE_MS, pause ? pause * 2 : 250);
        if (!stopped && !failing) log.warn({ reason: (err as Error).message }, 'events can not be told now; they are kept and tried again');
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
    flush,
    stop: async () => {
      stopped = true;
      end();
      await running;
      await line.stop();
    },
  };
};
