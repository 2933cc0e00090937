import { openDatabase } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';
import { migrations } from '../src/migrations/index.js';

it('the schema goes down and up again', async () => {
  const log = pino({ level: 'silent' });
  const { url, drop } = await cloneDatabase({ name: 'identity_bare', migrations, log });
  const db = await openDatabase({ url, migrations, applicationName: 'test', log });
  try {
    for (const _ of migrations) await db.source.undoLastMigration();
    expect(
      (
        await db.pool.query(
          `select table_name from information_schema.tables
            where table_schema = 'public' and table_name <> 'migrations'`,
        )
      ).rows,
    ).toEqual([]);
    await db.source.runMigrations();
    expect((await db.pool.query('select name from account_group')).rows).toEqual([{ name: 'default' }]);
  } finally {
    await db.close();
    await drop();
  }
});

it('what was made with a token that was revoked before is revoked; the rest stays', async () => {
  const log = pino({ level: 'silent' });
  const { url, drop } = await cloneDatabase({ name: 'identity', migrations, log });
  const db = await openDatabase({ url, migrations, applicationName: 'test', log });
  try {
    for (const _ of migrations.slice(1)) await db.source.undoLastMigration();
    const uuid = '11111111-1111-4111-8111-111111111111';
    await db.pool.query(`insert into account (id, uuid, username, email, first_name, last_name, default_project)
      values (1, '${uuid}', 'a@example.com', 'a@example.com', '', '', '${uuid}')`);
    const rows: [string, string | null, boolean][] = [
      ['revoked', null, true],
      ['child', 'revoked', false],
      ['grandchild', 'child', false],
      ['orphan', 'swept away', false],
      ['parent', null, false],
      ['its-child', 'parent', false],
    ];
    for (const [name, parent, over] of rows)
      await db.pool.query(
        `insert into token (hash, audit_id, kind, account_id, hint, parent_audit_id, revoked_at)
          values (sha256($1::text::bytea), $1, 'v3', 1, '', $2, case when $3 then now() end)`,
        [name, parent, over],
      );
    await db.source.runMigrations();
    expect((await db.pool.query('select audit_id from token where revoked_at is null order by 1')).rows).toEqual([
      { audit_id: 'its-child' },
      { audit_id: 'parent' },
    ]);
  } finally {
    await db.close();
    await drop();
  }
});
