import { createHash } from 'node:crypto';
import pg from 'pg';
import {
  DataSource,
  MigrationExecutor,
  type EntityManager,
  type EntitySchema,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm';
import { markDatabaseError } from './fault.js';
import { demandUnicode } from './database-demands.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { bounded, boundRunner } from './query-limit.js';
import { LOCKS } from './registry.js';
import { refuseUnfinishedRestore } from './restore-mark.js';
import { session } from './session.js';

declare const opaque: unique symbol;
/** An open transaction. Only `store/` and the kit look inside; jobs and events demand one. */
export interface Tx {
  readonly [opaque]: true;
}
/** A transaction that its owner ends, by one of the two. */
export interface OpenTransaction {
  readonly tx: Tx;
  readonly commit: () => Promise<void>;
  readonly rollback: (reason?: unknown) => Promise<void>;
}
export interface Db {
  /** TypeORM's data source, for repositories and the query builder. */
  readonly source: DataSource;
  /** The same connections without TypeORM, for hot reads. */
  readonly pool: pg.Pool;
  /** Runs `work` in one transaction; a deadlock or serialisation failure runs it again, so `work` must have no other effect. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** For what can not be one function; see `jointly`. PostgreSQL ends it when nothing is said for a minute. */
  begin(): Promise<OpenTransaction>;
  close(): Promise<void>;
}
export type Queryable = Db | Tx;
export type MigrationClass = new () => MigrationInterface;

// Instants stay text (`2026-01-01 00:00:00.123456+00`): a JavaScript Date would lose the microseconds.
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === Number(pg.types.builtins.TIMESTAMPTZ) ? (value: string) => value : pg.types.getTypeParser(oid, format),
};
/** So that nobody takes the same words from another peer for the database's: see `databaseAway`. */
const asked = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((err: unknown) => {
    throw markDatabaseError(err);
  });
type Connected = (
  err: Error | undefined,
  client?: pg.PoolClient,
  release?: (destroy?: boolean | Error) => void,
) => void;
/** Marks what goes wrong where the pool itself is asked, as TypeORM and other libraries do: they do not wrap it. */
const markErrorsOf = (pool: pg.Pool): void => {
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  const connect = pool.connect.bind(pool) as (callback?: Connected) => unknown;
  Object.assign(pool, {
    query: (...args: unknown[]) => {
      const answer = query(...args);
      return answer instanceof Promise ? asked(answer) : answer;
    },
    connect: (callback?: Connected) =>
      callback
        ? connect((err, client, release) => callback(err && markDatabaseError(err), client, release))
        : asked(connect() as Promise<unknown>),
  });
};
const RETRY = new Set(['40001', '40P01']);
const ATTEMPTS = 5;
/** Does `work` again after a deadlock or serialisation failure, a few times. */
export const again = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work();
    } catch (err) {
      if (attempt >= ATTEMPTS || !RETRY.has((err as { code?: string }).code ?? '')) throw err;
    }
};
const runners = new WeakMap<object, { runner: QueryRunner; client: pg.PoolClient; after: (() => void)[] }>();
const inside = (tx: Tx) => {
  const found = runners.get(tx);
  if (!found) throw new Error('this transaction has ended');
  return found;
};

export interface DatabaseOptions {
  url: string;
  entities?: EntitySchema[];
  migrations?: MigrationClass[];
  poolSize?: number;
  applicationName: string;
  log: Log;
  metrics?: Metrics;
}

/** Opens the database; it is not migrated yet. */
export const openDatabase = async ({
  url,
  entities = [],
  migrations = [],
  poolSize = 10,
  applicationName,
  log,
  metrics,
}: DatabaseOptions): Promise<Db> => {
  const losses = metrics?.counter(
    'nefos_database_connection_losses_total',
    'Connections to the database that broke, by use',
    ['connection'],
  );
  losses?.inc({ connection: 'pool' }, 0);
  // A database that restarts breaks all connections at once: one line for all of them, the metric counts each.
  let quietUntil = 0;
  const broke = (err: unknown): void => {
    losses?.inc({ connection: 'pool' });
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + 5000;
    log.warn(
      { reason: (err as Error).message },
      'connections to the database broke; they are made again when they are needed',
    );
  };
  const { url: address, options } = session(url, '-c idle_in_transaction_session_timeout=60000');
  const source = new DataSource({
    type: 'postgres',
    url: address,
    entities,
    migrations,
    poolSize,
    synchronize: false,
    installExtensions: false,
    migrationsTransactionMode: 'each',
    applicationName,
    poolErrorHandler: broke,
    extra: { types, keepAlive: true, connectionTimeoutMillis: 5000, options },
  });
  await asked(source.initialize());
  const createQueryRunner = source.createQueryRunner.bind(source);
  unbounded.set(source, createQueryRunner);
  source.createQueryRunner = (mode) => boundRunner(createQueryRunner(mode));
  const pool = (source.driver as unknown as { master: pg.Pool }).master;
  markErrorsOf(pool);
  // A connection that breaks while it is in use says so by an event; unheard, that would end the process. The first one is older than this line.
  const heard = new WeakSet<pg.PoolClient>();
  const hear = (client: pg.PoolClient): void => {
    if (heard.has(client)) return;
    heard.add(client);
    client.on('error', broke);
  };
  pool.on('connect', hear);
  pool.on('acquire', hear);
  const begin = async (): Promise<OpenTransaction> => {
    const runner = source.createQueryRunner();
    const tx = {} as Tx;
    const end = async (): Promise<void> => {
      runners.delete(tx);
      await runner.release();
    };
    const rollback = async (): Promise<void> => {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      await end();
    };
    try {
      const client = (await runner.connect()) as pg.PoolClient;
      const after: (() => void)[] = [];
      runners.set(tx, { runner, client, after });
      await runner.startTransaction();
    } catch (err) {
      await rollback();
      throw err;
    }
    const commit = async (): Promise<void> => {
      await runner.commitTransaction();
      const after = runners.get(tx)?.after ?? [];
      await end();
      for (const one of after) one();
    };
    return { tx, commit, rollback };
  };
  const once = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const { tx, commit, rollback } = await begin();
    try {
      const result = await work(tx);
      await commit();
      return result;
    } catch (err) {
      await rollback();
      throw err;
    }
  };
  return { source, pool, transaction: (work) => again(() => once(work)), begin, close: () => source.destroy() };
};

const joined = new WeakMap<Db, () => Tx | undefined>();
/** From now on the statements of `db` go to the transaction that `tx` names, as long as it names one. */
export const joinTransaction = (db: Db, tx: () => Tx | undefined): void => {
  joined.set(db, tx);
};
/** Where the statements of `q` go. */
const connectionOf = (q: Queryable): pg.Pool | pg.PoolClient => {
  const tx = isDb(q) ? joined.get(q)?.() : q;
  return tx ? inside(tx).client : (q as Db).pool;
};
const isDb = (q: Queryable): q is Db => 'pool' in q;
/** Does something, such as writing a log line, once the transaction has committed, and never if it has not; at once where there is none. */
export const afterCommit = (q: Queryable, work: () => void): void => {
  const tx = isDb(q) ? joined.get(q)?.() : q;
  if (tx) inside(tx).after.push(work);
  else work();
};
/** For a savepoint: forgets, when it is called, what was left to `afterCommit` since. */
export const forgetAfter = (tx: Tx): (() => void) => {
  const { after } = inside(tx);
  const kept = after.length;
  return () => {
    after.length = Math.min(after.length, kept);
  };
};
/** TypeORM's manager without what would begin a transaction beside ours, or send SQL of its own: see `transaction` and `sql`. */
export type Manager = Omit<EntityManager, 'transaction' | 'query' | 'queryRunner'>;
/**
 * TypeORM's manager, inside the transaction when there is one. Its statements are bounded as those of `sql` are, and what fails is known
 * as an error of the database. To be asked for anew in every function: it belongs to the transaction of this moment.
 */
export const em = (q: Queryable): Manager => {
  const tx = isDb(q) ? joined.get(q)?.() : q;
  return tx ? inside(tx).runner.manager : (q as Db).source.manager;
};
/** Runs one statement and gives its rows. Numbers of type bigint and numeric, and instants, come as text. */
export const sql = async <R extends object = Record<string, unknown>>(
  q: Queryable,
  text: string,
  values: readonly unknown[] = [],
): Promise<R[]> => (await asked(connectionOf(q).query<R & pg.QueryResultRow>(bounded(text, values)))).rows;
/** As `sql`, and gives the number of rows touched. */
export const run = async (q: Queryable, text: string, values: readonly unknown[] = []): Promise<number> =>
  (await asked(connectionOf(q).query(bounded(text, values)))).rowCount ?? 0;
/** A statement that PostgreSQL keeps prepared: for what runs on every request. */
export const prepared = async <R extends object>(
  q: Queryable,
  text: string,
  values: readonly unknown[],
): Promise<R[]> => {
  let name = names.get(text);
  if (!name) names.set(text, (name = createHash('sha256').update(text).digest('hex').slice(0, 24)));
  return (await asked(connectionOf(q).query<R & pg.QueryResultRow>(bounded(text, values, name)))).rows;
};
const names = new Map<string, string>();

/** Whether an error is the violation of this constraint. */
export const violates = (err: unknown, constraint: string): boolean =>
  (err as { constraint?: string } | undefined)?.constraint === constraint ||
  (err as { driverError?: { constraint?: string } } | undefined)?.driverError?.constraint === constraint;

const unbounded = new WeakMap<DataSource, DataSource['createQueryRunner']>();
/** As TypeORM's `runMigrations`, and each statement may take as long as it takes. */
const runMigrations = async (source: DataSource): Promise<void> => {
  const runner = (unbounded.get(source) ?? source.createQueryRunner)();
  const executor = new MigrationExecutor(source, runner);
  executor.transaction = 'each';
  try {
    await executor.executePendingMigrations();
  } finally {
    await runner.release();
  }
};
/** Brings the schema up to date; of many processes that start at once, one does it. `more` runs under the same lock. */
export const migrate = async (db: Db, more: (db: Db) => Promise<void> = async () => undefined): Promise<void> => {
  const client = await db.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1, 1)', [LOCKS.migration]);
    await demandUnicode(client);
    await refuseUnfinishedRestore(client);
    await runMigrations(db.source);
    await more(db);
  } finally {
    await client.query('select pg_advisory_unlock($1, 1)', [LOCKS.migration]).catch(() => undefined);
    client.release();
  }
};
