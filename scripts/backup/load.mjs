// @ts-check
// Puts what a backup has into a database: tables by the migrations, then the rows, in one transaction.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import copy from 'pg-copy-streams';
import { root } from '../lib/prepare.mjs';
import { Trouble } from '../lib/progress.mjs';
import { connect, foreignKeysOf, RESTORE_MARK, schemaOf, schemasOf, tablesOf, versionOf } from './tables.mjs';

const id = pg.escapeIdentifier;
/** @param {string} service */
const migrationsOf = async (service) =>
  (await import(path.join(root, 'services', service, 'dist/migrations/index.js'))).migrations;
/** @param {any} Migration */
const nameOfMigration = (Migration) => new Migration().name ?? Migration.name;
/** The steps of the queue's library, as it has them. */
const queueSteps = () => {
  const require = createRequire(path.join(root, 'packages/service-kit/package.json'));
  const dir = path.join(path.dirname(require.resolve('graphile-worker/package.json')), 'sql');
  return readdirSync(dir)
    .map((file) => Number(/^(\d+)\.sql$/.exec(file)?.[1]))
    .filter(Boolean)
    .sort((a, b) => a - b);
};

/**
 * @param {import('./format.mjs').Manifest} manifest
 * @throws Trouble when this program can not make the tables that the rows of the backup were in
 */
export const checkVersions = async ({ databases, version }) => {
  for (const [service, { migrations, queue }] of Object.entries(databases)) {
    const known = (await migrationsOf(service)).map(nameOfMigration);
    const foreign = migrations.filter((/** @type {string} */ name) => !known.includes(name));
    if (foreign.length)
      throw new Trouble(
        `the backup was made by a newer Nefos (${version}; ${service} has ${foreign.join(', ')}): ` +
          'restore it with that one',
      );
    if (queue.length && queue.join() !== queueSteps().join())
      throw new Trouble(
        `the backup was made by a Nefos with another job queue (${version}): restore it with that one, then upgrade`,
      );
  }
};

/** A closed connection stays in pg_stat_activity for a moment. */
const LEAVING_MS = 1000;
/** @param {import('pg').Client} client */
const others = async (client) => {
  const { rows } = await client.query(
    `select string_agg(distinct coalesce(nullif(application_name, ''), usename), ', ') who from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
  return rows[0].who;
};
/**
 * @param {string} service @param {import('pg').Client} client
 * @returns whether a restore of this database was begun and not ended
 * @throws Trouble when somebody works in it
 */
export const lookAt = async (service, client) => {
  let who = await others(client);
  for (const end = Date.now() + LEAVING_MS; who && Date.now() < end; who = await others(client)) await sleep(50);
  if (who)
    throw new Trouble(
      `the database of ${service} is in use (${who}): stop Nefos first, and whoever else is connected to it`,
    );
  return {
    begun: (await client.query('select 1 from pg_namespace where nspname = $1', [RESTORE_MARK])).rows.length > 0,
    empty: !(await tablesOf(client)).length,
  };
};
/** From now on no service starts on this database, until `unmark`. @param {import('pg').Client} client */
export const mark = (client) => client.query(`create schema if not exists ${RESTORE_MARK}`);
/** @param {import('pg').Client} client */
export const unmark = (client) => client.query(`drop schema if exists ${RESTORE_MARK} cascade`);

/**
 * Leaves an empty database, then makes the tables as they were when the backup was made.
 * @param {string} service @param {import('pg').Client} client @param {string} url
 * @param {import('./tables.mjs').Version} version
 */
export const makeTables = async (service, client, url, { migrations, queue }) => {
  const own = await schemaOf(client);
  if (!own)
    throw new Trouble(`the schema of ${service} that search_path names is not there: create it, or change the address`);
  await client.query('begin');
  for (const name of await schemasOf(client)) await client.query(`drop schema ${id(name)} cascade`);
  for (const name of new Set(['public', own])) await client.query(`create schema ${id(name)}`);
  await client.query('commit');
  const { openDatabase, createLog, migrateJobs } = await import('@nefos/service-kit');
  const wanted = (await migrationsOf(service)).filter((/** @type {any} */ one) =>
    migrations.includes(nameOfMigration(one)),
  );
  const db = await openDatabase({
    url,
    migrations: wanted,
    poolSize: 2,
    applicationName: 'nefos-restore',
    log: createLog('restore', 'error'),
  });
  try {
    await db.source.runMigrations();
    if (queue.length) await migrateJobs(db);
  } finally {
    await db.close();
  }
};

/**
 * Takes the rows of one database, in one transaction. Foreign keys are put aside meanwhile: an order that suits all of
 * them need not exist. They are checked when they come back.
 * @param {string} service @param {import('pg').Client} client
 * @param {import('./tables.mjs').Version} version
 */
export const loading = async (service, client, version) => {
  await client.query('begin');
  const tables = await tablesOf(client);
  const keys = await foreignKeysOf(client);
  // Our tables may be in another schema than those of the backup; a queue's are in its own.
  const from = `${id(version.schema ?? 'public')}.`;
  const to = `${id(await schemaOf(client))}.`;
  /** @param {string} name */
  const here = (name) => (name.startsWith(from) ? to + name.slice(from.length) : name);
  const names = tables.map((one) => one.table);
  for (const { table, constraint } of keys) await client.query(`alter table ${table} drop constraint ${constraint}`);
  // What a trigger does at an insert, it has done already to these rows.
  for (const name of names) await client.query(`alter table ${name} disable trigger user`);
  if (names.length) await client.query(`truncate ${names.join(', ')}`);
  const missing = new Set(names);
  /** The stream of the table at hand. @type {import('node:stream').Writable | undefined} */
  let into;
  /** Rejects when that stream fails. @type {Promise<never> | undefined} */
  let failed;
  const endTable = async () => {
    if (!into) return;
    into.end();
    await finished(into);
    into = undefined;
  };
  return {
    table: async (/** @type {{ table: string, columns: string[] }} */ { table, columns }) => {
      await endTable();
      if (!missing.delete(here(table)))
        throw new Trouble(`${service}: there is no table ${table} for the rows of the backup`);
      into = client.query(copy.from(`copy ${here(table)} (${columns.map(id).join(', ')}) from stdin`));
      const stream = into;
      failed = new Promise((_, reject) => {
        stream.once('error', reject);
      });
      failed.catch(() => undefined);
    },
    rows: async (/** @type {Buffer} */ rows) => {
      const stream = into;
      if (!stream) throw new Trouble(`${service}: the backup has rows of no table`);
      if (stream.write(rows)) return;
      await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), failed]);
    },
    sequences: async (/** @type {Record<string, [last: string, called: boolean]>} */ sequences) => {
      await endTable();
      for (const [name, [last, called]] of Object.entries(sequences))
        await client.query('select setval($1::regclass, $2, $3)', [here(name), last, called]);
    },
    end: async () => {
      if (missing.size) throw new Trouble(`${service}: the backup has nothing for ${[...missing].join(', ')}`);
      for (const name of names) await client.query(`alter table ${name} enable trigger user`);
      for (const { table, constraint, definition } of keys)
        await client.query(`alter table ${table} add constraint ${constraint} ${definition}`);
      const now = await versionOf(client);
      if (now.migrations.join() !== version.migrations.join())
        throw new Trouble(`${service}: the backup contradicts itself about its migrations`);
      await client.query('commit');
      await client.query('analyze');
    },
  };
};
/** @param {string} service @param {string} url */
export const connectTo = async (service, url) =>
  connect(url, 'nefos-restore').catch((err) => {
    throw new Trouble(`the database of ${service} does not let us in (${err.message})`);
  });
