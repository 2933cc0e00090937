import { MigrationExecutor, type DataSource } from 'typeorm';
import { demandUnicode } from './database-demands.js';
import type { Db } from './database-types.js';
import { LOCKS } from './registry.js';
import { refuseUnfinishedRestore } from './restore-mark.js';
import { unboundedRunner } from './query-limit.js';

/** As TypeORM's own `runMigrations`, without a time limit for a statement. */
const runMigrations = async (source: DataSource): Promise<void> => {
  const runner = unboundedRunner(source);
  const executor = new MigrationExecutor(source, runner);
  executor.transaction = 'each';
  try {
    await runner.query('set statement_timeout = 0');
    await executor.executePendingMigrations();
  } finally {
    await runner.query('reset statement_timeout').catch(() => undefined);
    await runner.release();
  }
};
/** Brings the schema up to date; of many processes that start at once, one does it. `more` runs under the same lock. */
export const migrate = async (db: Db, more: (db: Db) => Promise<void> = async () => undefined): Promise<void> => {
  const client = await db.pool.connect();
  try {
    // The one that is first may take long.
    await client.query('set statement_timeout = 0');
    await client.query('select pg_advisory_lock($1, 1)', [LOCKS.migration]);
    await demandUnicode(client);
    await refuseUnfinishedRestore(client);
    await runMigrations(db.source);
    await more(db);
  } finally {
    await client.query('select pg_advisory_unlock($1, 1)', [LOCKS.migration]).catch(() => undefined);
    await client.query('reset statement_timeout').catch(() => undefined);
    client.release();
  }
};
