// @ts-check
// npm run nefos -- backup FILE: all of an installation in one file, while it runs.
import * as fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import copy from 'pg-copy-streams';
import { root } from '../lib/prepare.mjs';
import { Trouble } from '../lib/progress.mjs';
import { END_OF_ROWS, FORMAT } from './format.mjs';
import { runningInstallation } from './installation.mjs';
import { connect, RESTORE_MARK, sequencesOf, tablesOf, versionOf } from './tables.mjs';

/** The longest that others have to wait behind a lock that is waited for here. */
const LOCK_MS = 1000;
/**
 * While this lock waits behind a long transaction, all writers of the outbox wait behind it: so the wait is short, and
 * the pause until the next attempt is long.
 */
const OUTBOX_LOCK_MS = 200;
const OUTBOX_PAUSE_MS = 1000;
const ATTEMPTS = 30;
const BEGIN = 'begin isolation level repeatable read read only';

/** @param {any} err */
const isLockTimeout = (err) => err.code === '55P03';
/**
 * @param {string} service @param {import('pg').Client} client
 * @throws Trouble when a backup would look complete and not be it
 */
const check = async (service, client) => {
  const { rows } = await client.query(
    "select to_regclass('migrations') is not null ours, to_regnamespace($1) is not null begun",
    [RESTORE_MARK],
  );
  if (rows[0].begun)
    throw new Trouble(`a restore of the database of ${service} goes on, or was broken off: let it end, or do it again`);
  if (!rows[0].ours)
    throw new Trouble(
      `the database of ${service} has no tables of Nefos in its search_path: ` +
        'check the address, and `options` in it or of the role',
    );
};
/**
 * Begins a snapshot: from here on `client` sees its database as it is now.
 * @param {string} service @param {import('pg').Client} client
 */
const freeze = async (service, client) => {
  await client.query(BEGIN);
  await check(service, client);
  const tables = await tablesOf(client);
  // The outbox may be locked at this point, so no other lock is waited for long.
  await client.query(`set local lock_timeout = ${LOCK_MS}`);
  // As pg_dump does: no table is altered while it is copied.
  if (tables.length)
    await client.query(`lock table ${tables.map((one) => one.table).join(', ')} in access share mode`).catch((err) => {
      throw isLockTimeout(err)
        ? new Trouble('tables are being changed, by an upgrade or by somebody else: try again later')
        : err;
    });
  return tables;
};
/**
 * Locks the outbox until `release`: delivered events are not deleted. All other writers of events wait too: for
 * milliseconds, unless a long transaction holds it already.
 * @param {string} url
 */
const holdOutbox = async (url) => {
  const client = await connect(url);
  for (let attempt = 1; ; attempt += 1)
    try {
      await client.query('begin');
      await client.query(`set local lock_timeout = ${OUTBOX_LOCK_MS}`);
      if ((await client.query("select to_regclass('outbox') is not null there")).rows[0].there)
        await client.query('lock table outbox in share mode');
      return () => client.end();
    } catch (err) {
      await client.query('rollback').catch(() => undefined);
      if (!isLockTimeout(err) || attempt === ATTEMPTS) {
        await client.end().catch(() => undefined);
        throw isLockTimeout(err)
          ? new Trouble('the outbox of compute is in use without a pause: try again later')
          : err;
      }
      await sleep(OUTBOX_PAUSE_MS);
    }
};
/**
 * One instant of each database, in the order that makes them fit together (docs/operations.md): metering and compute at
 * a moment between two deliveries, so that each event is either counted or still to be sent; introspection; then
 * identity, so that no revocation is forgotten.
 * @param {Record<string, import('pg').Client>} clients @param {Record<string, string>} urls
 */
const freezeAll = async (clients, urls) => {
  const { identity, compute, metering, introspection } = clients;
  const release = await holdOutbox(urls.compute);
  /** @type {Record<string, Awaited<ReturnType<typeof tablesOf>>>} */
  const tables = {};
  try {
    tables.metering = await freeze('metering', metering);
    tables.compute = await freeze('compute', compute);
  } finally {
    await release();
  }
  tables.introspection = await freeze('introspection', introspection);
  tables.identity = await freeze('identity', identity);
  return tables;
};

/**
 * The lines of one database.
 * @param {string} service @param {import('pg').Client} client @param {Awaited<ReturnType<typeof tablesOf>>} tables
 * @param {(rows: number) => void} count
 */
async function* linesOf(service, client, tables, count) {
  for (const { table, columns } of tables) {
    yield `${JSON.stringify({ database: service, table, columns })}\n`;
    const rows = client.query(copy.to(`copy ${table} (${columns.map(pg.escapeIdentifier).join(', ')}) to stdout`));
    yield* rows;
    yield END_OF_ROWS;
    count(rows.rowCount);
  }
  // Read last: every number in the rows above was taken from its sequence before.
  yield `${JSON.stringify({ database: service, sequences: await sequencesOf(client) })}\n`;
}

/** @param {string} file @param {Record<string, string | undefined>} env @returns the line to print when it is done */
export const backup = async (file, env) => {
  if (fs.existsSync(file)) throw new Trouble(`${file} is there already: choose another name`);
  const { urls, state } = runningInstallation(env);
  /** @type {Record<string, pg.Client>} */
  const clients = {};
  const aside = `${file}.${process.pid}.part`;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      fs.rmSync(aside, { force: true });
      process.exit(1);
    });
  let tables = 0;
  let rows = 0;
  try {
    for (const [service, url] of Object.entries(urls))
      clients[service] = await connect(url).catch((err) => {
        throw new Trouble(`the database of ${service} does not answer (${err.message}): is Nefos running?`);
      });
    const held = await freezeAll(clients, urls);
    const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
    /** @type {Record<string, Awaited<ReturnType<typeof versionOf>>>} */
    const databases = {};
    for (const [service, client] of Object.entries(clients)) databases[service] = await versionOf(client);
    /** @param {number} more */
    const count = (more) => {
      tables += 1;
      rows += more;
    };
    const lines = async function* () {
      const made = {
        nefos_backup: FORMAT,
        version,
        made_at: new Date().toISOString(),
        databases,
        state: state ?? null,
      };
      yield `${JSON.stringify(made)}\n`;
      for (const [service, client] of Object.entries(clients)) yield* linesOf(service, client, held[service], count);
      yield `${JSON.stringify({ end: true, tables, rows })}\n`;
    };
    await pipeline(
      Readable.from(lines(), { objectMode: true }),
      createGzip(),
      fs.createWriteStream(aside, { mode: 0o600, flush: true }),
    ).catch((err) => {
      throw err.syscall && !err.address ? new Trouble(`${file} can not be written (${err.code})`) : err;
    });
    fs.renameSync(aside, file);
  } finally {
    fs.rmSync(aside, { force: true });
    for (const client of Object.values(clients)) await client.end().catch(() => undefined);
  }
  const megabytes = (fs.statSync(file).size / 1e6).toFixed(1);
  return (
    `${file}: ${rows} rows of ${tables} tables, ${megabytes} MB. ` +
    'It has secrets: only you may read it, keep it so. ' +
    'The keys of secrets (NEFOS_SECRET_KEYS) are not in it: keep them apart.'
  );
};
