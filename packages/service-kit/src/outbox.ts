import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Db, Tx } from './db.js';
import { run, sql } from './db.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** DDL of the outbox, for the service's migration. `aggregate` keeps order: what one aggregate says is delivered in that order. */
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
const CHANNEL = 'nefos_outbox';

/** Records a fact that is told to others if and only if this transaction commits. @returns the event's id */
export const publish = async (tx: Tx, aggregate: string, payload: (eventId: string) => object): Promise<string> => {
  const eventId = randomUUID();
  await sql(tx, `insert into outbox (event_id, aggregate, payload) values ($1, $2, $3::jsonb)`, [eventId, aggregate, JSON.stringify(payload(eventId))]);
  await sql(tx, `select pg_notify('${CHANNEL}', '')`);
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

/**
 * Tells the outbox's facts to their receiver: at least once, oldest first. One process does it at a time (a session lock);
 * another takes over the moment that one dies. A delivered row is deleted; a refused one stays, with the reason, for the operator.
 * A batch that fails is halved, so that one that is too large for the receiver does not stand in the way for ever.
 */
export const startRelay = async ({
  db,
  url,
  deliver,
  log,
  metrics,
  batch = 500,
  every = 1000,
}: {
  db: Db;
  url: string;
  deliver: (events: readonly object[]) => Promise<Delivery[]>;
  log: Log;
  metrics?: Metrics;
  batch?: number;
  every?: number;
}): Promise<Relay> => {
  const delivered = metrics?.counter('nefos_outbox_delivered_total', 'Events told to their receiver');
  const failures = metrics?.counter('nefos_outbox_failures_total', 'Deliveries that failed and are repeated');
  const pending = metrics?.gauge('nefos_outbox_pending', 'Events not yet told');
  let stopped = false;
  let wake: (() => void) | undefined;
  let client: pg.Client | undefined;
  let leader = false;
  let pause = 0;
  let size = batch;
  const nudge = (): void => {
    wake?.();
  };
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: url, keepAlive: true, application_name: 'nefos-outbox-relay' });
    const lost = (): void => {
      if (client === fresh) {
        client = undefined;
        leader = false;
      }
    };
    fresh.on('error', lost);
    fresh.on('end', lost);
    fresh.on('notification', nudge);
    await fresh.connect();
    await fresh.query(`listen ${CHANNEL}`);
    client = fresh;
  };
  const flush = async (): Promise<number> => {
    let told = 0;
    while (!stopped) {
      const rows = await sql<{ id: string; payload: object; event_id: string }>(
        db,
        'select id, event_id, payload from outbox where refused_at is null order by id limit $1',
        [size],
      );
      if (!rows.length) {
        pending?.set(0);
        return told;
      }
      pending?.set(rows.length);
      let answers: Delivery[];
      try {
        answers = await deliver(rows.map((r) => r.payload));
      } catch (err) {
        failures?.inc();
        size = Math.ceil(rows.length / 2);
        await run(db, 'update outbox set attempts = attempts + 1, last_error = $2 where id = any($1::bigint[])', [
          rows.map((r) => r.id),
          String((err as Error).message).slice(0, 500),
        ]);
        throw err;
      }
      const taken = answers.filter((a) => a.taken).map((a) => a.id);
      const refused = answers.filter((a) => !a.taken);
      if (taken.length) {
        await run(db, 'delete from outbox where event_id = any($1::uuid[])', [taken]);
        told += taken.length;
        delivered?.inc(taken.length);
      }
      for (const one of refused) {
        log.error({ event: one.id, reason: one.reason }, 'an event was refused by its receiver and is kept');
        await run(db, 'update outbox set refused_at = now(), last_error = $2 where event_id = $1', [one.id, one.reason ?? 'refused']);
      }
      if (!taken.length && !refused.length) throw new Error('the receiver said nothing about any event');
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
        if (!client) await connect();
        if (!leader) leader = Boolean((await client?.query<{ got: boolean }>('select pg_try_advisory_lock(78, 1) got'))?.rows[0]?.got);
        if (leader) {
          await flush();
          pause = 0;
        }
      } catch (err) {
        pause = Math.min(30_000, pause ? pause * 2 : 250);
        if (!stopped) log.warn({ err: { message: (err as Error).message }, retry_in_ms: pause }, 'events could not be told yet');
      }
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
      await client?.end().catch(() => undefined);
    },
  };
};
