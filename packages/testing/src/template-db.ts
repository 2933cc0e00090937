import { randomBytes } from 'node:crypto';
import { LOCKS, migrate, openDatabase, type DatabaseOptions, type Db } from '@nefos/service-kit';
import pg from 'pg';

/** Address of the PostgreSQL that the test run started. No PostgreSQL is a failure, never a skip. */
export const testServer = (): string => {
  const url = process.env.NEFOS_TEST_DATABASE_URL;
  if (!url)
    throw new Error('NEFOS_TEST_DATABASE_URL is not set: run the tests by `npm test` (or `npm test -- <pattern>`)');
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
  /** Of the template; one per schema. */
  name: string;
  /** What else the service makes on migration. */
  more?: (db: Db) => Promise<void>;
};

/**
 * Session settings that an operator's PostgreSQL may have, each the opposite of what our statements are written for.
 */
export const HOSTILE_SESSION = {
  datestyle: "'SQL, DMY'",
  intervalstyle: "'sql_standard'",
  timezone: "'Asia/Kolkata'",
  extra_float_digits: '-15',
  bytea_output: "'escape'",
  xmlbinary: "'hex'",
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  default_transaction_isolation: "'serializable'",
} as const;
let hostile = false;
/** From now on the databases of this test file have these settings. */
export const useHostileSessions = (): void => {
  hostile = true;
};

/** Migrates a database as the service itself does. */
const migrateAt = async (database: string, { entities = [], migrations = [], log, more }: Schema): Promise<void> => {
  const db = await openDatabase({ url: urlOf(database), entities, migrations, log, applicationName: 'template' });
  try {
    await migrate(db, more);
  } finally {
    await db.close();
  }
};
/** Makes the template if it is not there. Several test processes may want it at once: one makes it, the others wait. */
const makeTemplate = async (client: pg.Client, template: string, schema: Schema): Promise<void> => {
  const { rows } = await client.query('select 1 from pg_database where datname = $1', [template]);
  if (rows.length) return;
  const half = `${template}_half`;
  await client.query(`drop database if exists ${half} with (force)`);
  await client.query(`create database ${half}`);
  await migrateAt(half, schema);
  await client.query(`alter database ${half} rename to ${template}`);
};

/**
 * A fresh, migrated database for one test file: a clone of a template that the first caller of the run makes. One
 * with hostile session settings is migrated under these.
 */
export const cloneDatabase = async (schema: Schema): Promise<{ url: string; drop: () => Promise<void> }> => {
  const template = `template_${schema.name}`;
  const clone = `test_${schema.name}_${randomBytes(6).toString('hex')}`;
  await onServer(async (client) => {
    if (hostile) {
      await client.query(`create database ${clone}`);
      for (const [name, value] of Object.entries(HOSTILE_SESSION))
        await client.query(`alter database ${clone} set ${name} = ${value}`);
      await migrateAt(clone, schema);
      return;
    }
    await client.query('select pg_advisory_lock($1, hashtext($2))', [LOCKS.migration, template]);
    await makeTemplate(client, template, schema);
    await client.query(`create database ${clone} template ${template}`);
    await client.query('select pg_advisory_unlock($1, hashtext($2))', [LOCKS.migration, template]);
  });
  return {
    url: urlOf(clone),
    drop: () =>
      onServer(async (client) => {
        await client.query(`drop database if exists ${clone} with (force)`);
      }),
  };
};
