import pg from 'pg';
import { markDatabaseError, marked } from './fault.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** Instants stay text (`2026-01-01 00:00:00.123456+00`): a JavaScript Date would lose the microseconds. */
export const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === Number(pg.types.builtins.TIMESTAMPTZ) ? (value: string) => value : pg.types.getTypeParser(oid, format),
};

type Connected = (
  err: Error | undefined,
  client?: pg.PoolClient,
  release?: (destroy?: boolean | Error) => void,
) => void;
/** Marks the errors of a pool that TypeORM and other libraries use directly; see `databaseAway`. */
export const markErrorsOf = (pool: pg.Pool): void => {
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  const connect = pool.connect.bind(pool) as (callback?: Connected) => unknown;
  Object.assign(pool, {
    query: (...args: unknown[]) => {
      const answer = query(...args);
      return answer instanceof Promise ? marked(answer) : answer;
    },
    connect: (callback?: Connected) =>
      callback
        ? connect((err, client, release) => callback(err && markDatabaseError(err), client, release))
        : marked(connect() as Promise<unknown>),
  });
};

const QUIET_MS = 5000;
/**
 * Counts broken connections of the pool. A database that restarts breaks all of them at once, so one log line stands
 * for five seconds.
 */
export const brokenConnections = (log: Log, metrics: Metrics | undefined): ((err: unknown) => void) => {
  const losses = metrics?.counter(
    'nefos_database_connection_losses_total',
    'Connections to the database that broke, by use',
    ['connection'],
  );
  losses?.inc({ connection: 'pool' }, 0);
  let quietUntil = 0;
  return (err) => {
    losses?.inc({ connection: 'pool' });
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + QUIET_MS;
    log.warn(
      { reason: (err as Error).message },
      'connections to the database broke; they are made again when they are needed',
    );
  };
};
/**
 * Listens for `error` on every connection of the pool. node-postgres emits it on a connection that breaks while it is
 * in use, and Node ends a process whose `error` events have no listener. `acquire` finds the connections that were
 * made before this call.
 */
export const listenForErrors = (pool: pg.Pool, broke: (err: unknown) => void): void => {
  const known = new WeakSet<pg.PoolClient>();
  const listen = (client: pg.PoolClient): void => {
    if (known.has(client)) return;
    known.add(client);
    client.on('error', broke);
  };
  pool.on('connect', listen);
  pool.on('acquire', listen);
};
