import { migrate, openDatabase, sql } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const log = pino({ level: 'silent' });

describe('database', () => {
  it('every connection in use has somebody who hears when it breaks, the very first one too', async () => {
    const { url, drop } = await cloneDatabase({ name: 'kit_db', log });
    const db = await openDatabase({ url, log, applicationName: 'test' });
    const [first, second] = [await db.pool.connect(), await db.pool.connect()];
    for (const client of [first, second]) expect(client.listenerCount('error')).toBeGreaterThan(0);
    // Broken under a running query: the query fails, and nothing else.
    const running = first.query('select pg_sleep(10)');
    for (let seen = 0; !seen;)
      seen =
        (
          await second.query(
            "select from pg_stat_activity where query like 'select pg_sleep%' and pid <> pg_backend_pid()",
          )
        ).rowCount ?? 0;
    await second.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where query like 'select pg_sleep%' and pid <> pg_backend_pid()`,
    );
    await expect(running).rejects.toThrow();
    first.release(true);
    second.release();
    expect(await sql(db, 'select 1 one')).toEqual([{ one: 1 }]);
    await db.close();
    await drop();
  });

  it('a statement that nobody awaits ends at the server, too; migrations may take as long as they need', async () => {
    const { url, drop } = await cloneDatabase({ name: 'kit_statements', log });
    let within: unknown;
    class Long1764300000001 implements MigrationInterface {
      name = 'Long1764300000001';
      async up(runner: QueryRunner): Promise<void> {
        within = await runner.query('show statement_timeout');
      }
      down = (): Promise<void> => Promise.resolve();
    }
    const db = await openDatabase({ url, log, applicationName: 'test', poolSize: 2, migrations: [Long1764300000001] });
    await migrate(db);
    expect(within).toEqual([{ statement_timeout: '0' }]);
    const all = await Promise.all(
      [1, 2].map(() => sql(db, 'select pg_sleep(0.1), current_setting($1) set', ['statement_timeout'])),
    );
    expect(all.flat()).toMatchObject([{ set: '75s' }, { set: '75s' }]);
    await db.close();
    await drop();
  });
});
