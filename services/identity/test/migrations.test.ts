import { openDatabase } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';
import { migrations } from '../src/store/migrations/index.js';

it('the schema goes down and up again', async () => {
  const log = pino({ level: 'silent' });
  const { url, drop } = await cloneDatabase({ name: 'identity_bare', migrations, log });
  const db = await openDatabase({ url, migrations, applicationName: 'test', log });
  try {
    for (const _ of migrations) await db.source.undoLastMigration();
    expect((await db.pool.query("select table_name from information_schema.tables where table_schema = 'public' and table_name <> 'migrations'")).rows).toEqual(
      [],
    );
    await db.source.runMigrations();
    expect((await db.pool.query('select name from account_group')).rows).toEqual([{ name: 'default' }]);
  } finally {
    await db.close();
    await drop();
  }
});
