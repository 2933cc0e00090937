import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { session } from './session.js';

/** No statement of a connection of our own is waited for longer. */
const TIMEOUT_MS = 5000;
const BEAT_MS = 10_000;
const PAUSE_MS = 500;

export interface ConnectionOptions {
  url: string;
  /** In the log, the metric and, after `nefos-`, in pg_stat_activity. */ name: string;
  log: Log;
  metrics?: Metrics | undefined;
  /** Makes a new connection useful: LISTEN, locks. Throwing means: close it and try again. */ opened?: (
    client: pg.Client,
  ) => Promise<void>;
  /** What the connection stood for is gone. */ lost?: () => void;
  heard?: (payload: string) => void;
}
export interface KeptConnection {
  /** The living connection; undefined while there is none. */ client(): pg.Client | undefined;
  /** Throws the connection away; another is made. */ reset(err: Error): void;
  stop(): Promise<void>;
}

/**
 * A connection outside the pool that is made again whenever it breaks. The operator reads one line when it is lost and one when it is
 * back, however many attempts lie between. A beat finds a connection whose other end is gone without a word.
 * Never throws: the first attempt is awaited, whatever becomes of it.
 */
export const keepConnected = async ({
  url,
  name,
  log,
  metrics,
  opened,
  lost,
  heard,
}: ConnectionOptions): Promise<KeptConnection> => {
  const losses = metrics?.counter(
    'nefos_database_connection_losses_total',
    'Connections to the database that broke, by use',
    ['connection'],
  );
  losses?.inc({ connection: name }, 0);
  const { url: address, options } = session(url);
  let client: pg.Client | undefined;
  let drop: ((err: Error) => void) | undefined;
  let again: NodeJS.Timeout | undefined;
  let away = 0;
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
        lost?.();
      }
      if (stopped) return;
      if (!away) {
        away = Date.now();
        log.warn({ connection: name, reason: err.message }, 'a connection to the database is lost; it is made again');
      }
      again = setTimeout(() => {
        opening = open();
      }, PAUSE_MS);
    };
    drop = fail;
    fresh.on('error', fail);
    fresh.on('end', () => fail(new Error('the connection ended')));
    fresh.on('notification', ({ payload }) => heard?.(payload ?? ''));
    try {
      await fresh.connect();
      await opened?.(fresh);
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
    if (away)
      log.info(
        { connection: name, seconds: Math.round((Date.now() - away) / 1000) },
        'the connection to the database is back',
      );
    away = 0;
  };
  opening = open();
  await opening;
  const beat = setInterval(() => {
    const now = client;
    const fail = drop;
    now?.query('select 1').catch((err: unknown) => {
      if (client === now) fail?.(err as Error);
    });
  }, BEAT_MS);
  beat.unref();
  return {
    client: () => client,
    reset: (err) => {
      if (client) drop?.(err);
    },
    stop: async () => {
      stopped = true;
      clearInterval(beat);
      clearTimeout(again);
      // The other end may be gone without a word; then nobody answers our good-bye.
      await Promise.race([
        opening.then(() => client?.end()).catch(() => undefined),
        sleep(1000, undefined, { ref: false }),
      ]);
    },
  };
};

/** Hears what is told on a channel. `gap` is called after every (re)connection: something may have been missed before it. */
export const listenTo = async ({
  channel,
  gap,
  ...options
}: Omit<ConnectionOptions, 'opened' | 'lost'> & { channel: string; gap?: () => void }): Promise<{
  stop(): Promise<void>;
}> =>
  keepConnected({
    ...options,
    opened: async (client) => {
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      gap?.();
    },
  });
