import { migrate, migrateJobs, openDatabase, type Db, type Log, type Metrics } from '@nefos/service-kit';
import { entities } from './entities.js';
import { migrations } from './migrations/index.js';

export const openComputeDatabase = (url: string, poolSize: number, log: Log, metrics?: Metrics): Promise<Db> =>
  openDatabase({
    url,
    entities,
    migrations,
    poolSize,
    log,
    applicationName: 'nefos-compute',
    ...(metrics && { metrics }),
  });
/** Brings tables and queue up to date; `more` runs under the same lock. */
export const migrateCompute = (db: Db, more: (db: Db) => Promise<void> = async () => undefined): Promise<void> =>
  migrate(db, async () => {
    await migrateJobs(db);
    await more(db);
  });
