import { randomBytes } from 'node:crypto';
import { migrate, openDatabase, type DatabaseOptions, type Db } from '@nefos/service-kit';
import pg from 'pg';

/** Address of the PostgreSQL that the test run started. No PostgreSQL is a failure, never a skip. */
export const testServer = (): string => {
  const url = process.env.NEFOS_TEST_DATABASE_URL;
  if (!url) throw new Error('NEFOS_TEST_DATABASE_URL is not set: run the tests by `npm test` (or `npm test -- <pattern>`)');
  return url;
};
const urlOf = (database: string): string => {
  const url = new URL(testServer());
  url.pathname = `/${database}`;
  return url.toString();
};
const onServer = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

export type Schema = Pick<DatabaseOptions, 'entities' | 'migrations' | 'log'> & {
  /** Names the template; one per schema. */ name: string;
  /** What else the service makes on migration. */ more?: (db: Db) => Promise<void>;
};

/** A fresh, migrated database for one test file: a clone of a template that the first caller of the run makes. */
export const cloneDatabase = async ({ name, entities = [], migrations = [], log, more }: Schema): Promise<{ url: string; drop: () => Promise<void> }> => {
  const template = `template_${name}`;
  const clone = `test_${name}_${randomBytes(6).toString('hex')}`;
  await onServer(async (client) => {
    // Several test processes may want the template at once: one makes it, the others wait.
    await client.query('select pg_advisory_lock(7146, hashtext($1))', [template]);
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (!rows.length) {
      const half = `${template}_half`;
      await client.query(`drop database if exists ${half} with (force)`);
      await client.query(`create database ${half}`);
      const db = await openDatabase({ url: urlOf(half), entities, migrations, log, applicationName: 'template' });
      try {
        await migrate(db, more);
      } finally {
        await db.close();
      }
      await client.query(`alter database ${half} rename to ${template}`);
    }
    await client.query(`create database ${clone} template ${template}`);
    await client.query('select pg_advisory_unlock(7146, hashtext($1))', [template]);
  });
  return {
    url: urlOf(clone),
    drop: () =>
      onServer(async (client) => {
        await client.query(`drop database if exists ${clone} with (force)`);
      }),
  };
};
