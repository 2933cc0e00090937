import { setTimeout as sleep } from 'node:timers/promises';
import { keepConnected, migrate, migrateJobs, openDatabase, sql, startWorker, enqueue } from '@nefos/service-kit';
import { cloneDatabase, HOSTILE_SESSION, testServer } from '@nefos/testing';
import pg from 'pg';
import { pino } from 'pino';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const log = pino({ level: 'silent' });
const NAMES = Object.keys(HOSTILE_SESSION);
/** All settings of a session as one value. */
const SHOWN = `(select json_object_agg(name, setting) from pg_settings where lower(name) in (${NAMES.map((n) => `'${n}'`).join(', ')}))`;
const PINNED = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  default_transaction_isolation: 'read committed',
};
const pause = (): Promise<void> => sleep(25);

class Look1764300000000 implements MigrationInterface {
  name = 'Look1764300000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table seen (who text, shown json); insert into seen values ('migration', ${SHOWN})`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table seen');
  }
}

/** Makes the settings what `where` names: a database, a role, or the address of the database. */
const hostile = async (where: 'database' | 'role' | 'address'): Promise<{ url: string; drop: () => Promise<void> }> => {
  const { url, drop } = await cloneDatabase({ name: 'kit_session', log });
  const admin = new pg.Client({ connectionString: testServer() });
  await admin.connect();
  const role = `hostile_${process.pid}`;
  const own = new URL(url);
  const database = own.pathname.slice(1);
  if (where === 'role') {
    await admin.query(`create role ${role} login superuser password 'x'`);
    own.username = role;
    own.password = 'x';
  }
  for (const [name, value] of Object.entries(HOSTILE_SESSION))
    if (where !== 'address')
      await admin.query(`alter ${where} ${where === 'role' ? role : database} set ${name} = ${value}`);
  if (where === 'address')
    own.searchParams.set('options', '-c DateStyle=SQL,DMY -c TimeZone=Asia/Kolkata -c statement_timeout=77s');
  return {
    url: own.toString(),
    drop: async () => {
      await drop();
      if (where === 'role') await admin.query(`drop role ${role}`);
      await admin.end();
    },
  };
};

it.each(['database', 'role', 'address'] as const)(
  'the settings that statements and their texts depend on are pinned on every kind of connection, whatever the %s says',
  async (where) => {
    const { url, drop } = await hostile(where);
    const db = await openDatabase({ url, migrations: [Look1764300000000], log, applicationName: 'test' });
    try {
      await migrate(db);
      await migrateJobs(db);
      const shown = async (q: Parameters<typeof sql>[0]) =>
        (await sql<{ shown: object }>(q, `select ${SHOWN} shown`))[0]?.shown;
      expect(await shown(db)).toEqual(PINNED);
      expect(await db.transaction((tx) => shown(tx))).toEqual(PINNED);
      expect((await db.source.query<{ shown: object }[]>(`select ${SHOWN} shown`))[0]?.shown).toEqual(PINNED);

      let kept: unknown;
      const connection = await keepConnected({
        url,
        name: 'session-test',
        log,
        onOpen: async (client) => {
          kept = (await client.query<{ shown: object }>(`select ${SHOWN} shown`)).rows[0]?.shown;
        },
      });
      await connection.stop();
      expect(kept).toEqual(PINNED);

      // The library's own connections can not be asked, but what they write can look around.
      await sql(
        db,
        `create function look() returns trigger language plpgsql as $$ begin
          insert into seen values (current_setting('application_name'), ${SHOWN}); return null; end $$;
        create trigger look after update or delete on graphile_worker._private_jobs for each row execute function look()`,
      );
      const worker = await startWorker({ db, url, log, tasks: { note: async () => undefined } });
      await db.transaction((tx) => enqueue(tx, 'note', {}));
      const seen = () =>
        sql<{ who: string; shown: object }>(db, 'select distinct who, shown::text::jsonb shown from seen order by who');
      for (let i = 0; i < 400 && (await seen()).length < 2; i += 1) await pause();
      await worker.stop();
      expect(await seen()).toEqual(['migration', 'nefos-job-runner'].map((who) => ({ who, shown: PINNED })));
      // What else the address asks for is kept.
      if (where === 'address') expect(await sql(db, 'show statement_timeout')).toEqual([{ statement_timeout: '77s' }]);
    } finally {
      await db.close();
      await drop();
    }
  },
);
