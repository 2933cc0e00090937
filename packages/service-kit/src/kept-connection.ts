import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { session } from './session.js';

/** For connecting, and for each statement. */
const TIMEOUT_MS = 5000;
/** Between two checks whether the connection still works. */
const CHECK_MS = 10_000;
/** Between two attempts to connect. */
const PAUSE_MS = 500;

export interface ConnectionOptions {
  url: string;
  /** For the log, the metric and, after `nefos-`, pg_stat_activity. */
  name: string;
  log: Log;
  metrics?: Metrics | undefined;
  /** Prepares a new connection: LISTEN, locks. When it throws, the connection is closed and another is made. */
  onOpen?: (client: pg.Client) => Promise<void>;
  /** The connection broke, and with it its locks. */
  onLost?: () => void;
  onNotification?: (payload: string) => void;
}
export interface KeptConnection {
  /** The connection; undefined while there is none. */
  client(): pg.Client | undefined;
  /** Closes the connection; another is made. */
  reset(err: Error): void;
  stop(): Promise<void>;
}

/**
 * A connection outside the pool that is made again whenever it breaks. Two log lines per outage: when the connection
 * is lost and when it is back. A regular statement finds connections whose other end vanished without closing them.
 * Never throws. The first attempt is awaited, whether it succeeds or not.
 */
export const keepConnected = async ({
  url,
  name,
  log,
  metrics,
  onOpen,
  onLost,
  onNotification,
}: ConnectionOptions): Promise<KeptConnection> => {
  const losses = metrics?.counter(
    'nefos_database_connection_losses_total',
    'Connections to the database that broke, by use',
    ['connection'],
  );
  losses?.inc({ connection: name }, 0);
  const { url: address, options } = session(url);
  let client: pg.Client | undefined;
  let failCurrent: ((err: Error) => void) | undefined;
  let nextAttempt: NodeJS.Timeout | undefined;
  let lostAt = 0;
  let stopped = false;
  let opening = Promise.resolve();
  const open = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: address,
      keepAlive: true,
      application_name: `nefos-${name}`,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      options,
    });
    let over = false;
    const fail = (err: Error): void => {
      if (over) return;
      over = true;
      fresh.end().catch(() => undefined);
      if (client === fresh) {
        client = undefined;
        losses?.inc({ connection: name });
        onLost?.();
      }
      if (stopped) return;
      if (!lostAt) {
        lostAt = Date.now();
        log.warn({ connection: name, reason: err.message }, 'a connection to the database is lost; it is made again');
      }
      nextAttempt = setTimeout(() => {
        opening = open();
      }, PAUSE_MS);
    };
    failCurrent = fail;
    fresh.on('error', fail);
    fresh.on('end', () => fail(new Error('the connection ended')));
    fresh.on('notification', ({ payload }) => onNotification?.(payload ?? ''));
    try {
      await fresh.connect();
      await onOpen?.(fresh);
    } catch (err) {
      fail(err as Error);
      return;
    }
    if (over) return;
    if (stopped) {
      fail(new Error('stopped meanwhile'));
      return;
    }
    client = fresh;
    if (lostAt)
      log.info(
        { connection: name, seconds: Math.round((Date.now() - lostAt) / 1000) },
        'the connection to the database is back',
      );
    lostAt = 0;
  };
  opening = open();
  await opening;
  const check = setInterval(() => {
    const checked = client;
    const fail = failCurrent;
    checked?.query('select 1').catch((err: unknown) => {
      if (client === checked) fail?.(err as Error);
    });
  }, CHECK_MS);
  check.unref();
  return {
    client: () => client,
    reset: (err) => {
      if (client) failCurrent?.(err);
    },
    stop: async () => {
      stopped = true;
      clearInterval(check);
      clearTimeout(nextAttempt);
      // When the other end has vanished, nothing confirms the end.
      await Promise.race([
        opening.then(() => client?.end()).catch(() => undefined),
        sleep(1000, undefined, { ref: false }),
      ]);
    },
  };
};

/** Listens to a channel. `onGap` is called after every (re)connection: notifications may have been missed before it. */
export const listenTo = async ({
  channel,
  onGap,
  ...options
}: Omit<ConnectionOptions, 'onOpen' | 'onLost'> & { channel: string; onGap?: () => void }): Promise<{
  stop(): Promise<void>;
}> =>
  keepConnected({
    ...options,
    onOpen: async (client) => {
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      onGap?.();
    },
  });
