import { randomUUID } from 'node:crypto';
import { keepConnected } from './kept-connection.js';
import type { Db, Tx } from './database-types.js';
import { prepared } from './statements.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { makeDelivery } from './outbox-delivery.js';
import { outboxGauges } from './outbox-gauges.js';
import type { Delivery } from './outbox-receiver.js';
import { CHANNELS, LOCKS } from './registry.js';

/**
 * Stores an event that is delivered if and only if this transaction commits. Events of one aggregate are delivered in
 * order.
 * @returns its id
 */
export const publish = async (tx: Tx, aggregate: string, payload: (eventId: string) => object): Promise<string> => {
  const [id = ''] = await publishAll(tx, [{ aggregate, payload }]);
  return id;
};
/** As `publish`, for several events, in this order. @returns their ids */
export const publishAll = async (
  tx: Tx,
  events: readonly { aggregate: string; payload: (eventId: string) => object }[],
): Promise<string[]> => {
  const rows = events.map(({ aggregate, payload }) => {
    const id = randomUUID();
    return { id, aggregate, payload: JSON.stringify(payload(id)) };
  });
  await prepared(
    tx,
    `with added as (insert into outbox (event_id, aggregate, payload)
      select id, aggregate, payload from unnest($1::uuid[], $2::text[], $3::jsonb[])
        with ordinality u(id, aggregate, payload, at) order by at returning 1)
    select pg_notify('${CHANNELS.outbox}', '') from added limit 1`,
    [rows.map(({ id }) => id), rows.map(({ aggregate }) => aggregate), rows.map(({ payload }) => payload)],
  );
  return rows.map(({ id }) => id);
};

export interface Relay {
  stop(): Promise<void>;
  /** Delivers what is there now; for tests. @returns how many events were accepted */
  flush(): Promise<number>;
}
export interface RelayOptions {
  db: Db;
  url: string;
  /** Throws an error with the HTTP `status` of the answer, or without one when there was none. */
  deliver: (events: readonly object[]) => Promise<Delivery[]>;
  log: Log;
  metrics?: Metrics | undefined;
  /** Events of one delivery, at most. */
  batch?: number | undefined;
  /** Milliseconds after which the outbox is read without a notification. */
  every?: number;
  /**
   * The first pause after a failure; pauses grow to ten times that, which bounds the delay after an outage of the
   * receiver.
   */
  pauseMs?: number;
  /** How many failing aggregates are remembered at once. */
  suspects?: number | undefined;
}

/**
 * Delivers the events of the outbox: at least once, oldest first. One process does it at a time (a session lock);
 * another takes over when that one dies. How failures are handled: `makeDelivery`.
 */
export const startRelay = async ({
  db,
  url,
  deliver,
  log,
  metrics,
  batch,
  every = 1000,
  pauseMs = 500,
  suspects,
}: RelayOptions): Promise<Relay> => {
  let stopped = false;
  let wake: (() => void) | undefined;
  /** Whether this process holds the lock. */
  let leader = false;
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
  const delivery = makeDelivery({
    db,
    deliver,
    log,
    metrics,
    batch,
    pauseMs,
    maxSuspects: suspects,
    mayDeliver: () => leader,
    onFreed: () => wake?.(),
  });
  const updateGauges = outboxGauges(db, metrics);
  const tryToLead = async (): Promise<void> => {
    const client = connection.client();
    if (!client || leader) return;
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, 1) got', [
      LOCKS.outboxRelay,
    ]);
    leader = Boolean(rows[0]?.got) && connection.client() === client;
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      let pause = 0;
      // Made before the delivery, so that a notification that comes during it is not lost.
      const notified = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        await tryToLead();
        if (leader) {
          await delivery.flush(() => leader && !stopped);
          delivery.succeeded();
        }
      } catch (err) {
        if (!stopped) pause = delivery.failed(err as Error);
      }
      await updateGauges().catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      const rest = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, pause || every);
      });
      // A pause is not cut short by notifications.
      await Promise.race(pause ? [rest, whenStopped] : [notified, rest, whenStopped]);
      clearTimeout(timer);
    }
  };
  const running = loop();
  return {
    flush: () => delivery.flush(() => !stopped),
    stop: async () => {
      stopped = true;
      resolveStopped();
      await Promise.all([running, delivery.stop()]);
      await connection.stop();
    },
  };
};
