import { openDatabase, sql } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import pino from 'pino';
import { migrations } from '../src/migrations/index.js';

const log = pino({ level: 'silent' });
const TABLES =
  "select table_name from information_schema.tables where table_schema = 'public' and table_name <> 'migrations' order by 1";

it('migrations: up from nothing, down to nothing, and up again gives the same tables', async () => {
  const { url, drop } = await cloneDatabase({ name: 'introspection_bare', migrations, log });
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
