import { openDatabase, sql, type MigrationClass } from '@nefos/service-kit';
import pino from 'pino';
import { cloneDatabase } from './template-db.js';

const log = pino({ level: 'silent' });
const TABLES = `select table_name from information_schema.tables
  where table_schema = 'public' and table_name <> 'migrations' order by 1`;

/**
 * Tests that all migrations of a service can be taken back, and run again.
 * @param name of the database that is made for it
 */
export const describeMigrations = ({ name, migrations }: { name: string; migrations: MigrationClass[] }): void => {
  it('migrations: up from nothing, down to nothing, and up again gives the same tables', async () => {
    const { url, drop } = await cloneDatabase({ name, migrations, log });
    const db = await openDatabase({ url, migrations, log, applicationName: 'test' });
    try {
      const before = await sql(db, TABLES);
      expect(before.length).toBeGreaterThan(10);
      for (const _ of migrations) await db.source.undoLastMigration();
      expect(await sql(db, TABLES)).toEqual([]);
      await db.source.runMigrations();
      expect(await sql(db, TABLES)).toEqual(before);
    } finally {
      await db.close();
      await drop();
    }
  });
};
