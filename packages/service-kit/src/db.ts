import type pg from 'pg';
import { DataSource, type EntitySchema } from 'typeorm';
import type { Db, MigrationClass } from './database-types.js';
import { marked } from './fault.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { brokenConnections, listenForErrors, markErrorsOf, types } from './pool.js';
import { boundStatements, STATEMENT_MS } from './query-limit.js';
import { session } from './session.js';
import { beginTransaction, insertCopies, retryConflicts, transactionOnce } from './transaction.js';

export interface DatabaseOptions {
  url: string;
  /** The service's tables, see `table`. */
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
  const broke = brokenConnections(log, metrics);
  const { url: address, options } = session(
    url,
    `-c idle_in_transaction_session_timeout=60000 -c statement_timeout=${STATEMENT_MS}`,
  );
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
  await marked(source.initialize());
  insertCopies(source.manager);
  boundStatements(source);
  const pool = (source.driver as unknown as { master: pg.Pool }).master;
  markErrorsOf(pool);
  listenForErrors(pool, broke);
  return {
    source,
    pool,
    transaction: (work) => retryConflicts(() => transactionOnce(source, work)),
    begin: () => beginTransaction(source),
    close: () => source.destroy(),
  };
};
