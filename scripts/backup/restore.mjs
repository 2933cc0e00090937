// @ts-check
// npm run nefos -- restore FILE: an installation as it was when the backup was made.
import { randomBytes } from 'node:crypto';
import { checkDatabase, openDatabases } from '../lib/database.mjs';
import { readSettings } from '../lib/file-settings.mjs';
import { build } from '../lib/prepare.mjs';
import { Trouble } from '../lib/progress.mjs';
import { lock, readState, SERVICES, stateDir, writeState } from '../lib/state.mjs';
import { checkBackup, readBackup } from './format.mjs';
import { namedDatabases, settingOf } from './installation.mjs';
import { checkVersions, connectTo, loading, lookAt, makeTables, mark, unmark } from './load.mjs';

/**
 * @param {string} file @param {Record<string, import('pg').Client>} clients
 * @param {import('./format.mjs').Manifest} manifest
 * @returns the number of rows
 */
const load = async (file, clients, { databases }) => {
  let rows = 0;
  /** @type {Awaited<ReturnType<typeof loading>> | undefined} */
  let open;
  let service;
  for await (const { head, rows: piece } of readBackup(file)) {
    if (piece) await open?.rows(piece);
    if (!head) continue;
    if (head.end) ({ rows } = head);
    if (!head.database) continue;
    if (head.database !== service) {
      await open?.end();
      service = head.database;
      open = await loading(service, clients[service], databases[service]);
    }
    if (head.table) await open?.table(head);
    if (head.sequences) await open?.sequences(head.sequences);
  }
  await open?.end();
  return rows;
};

/**
 * @param {string} service @param {import('pg').Client} client @param {boolean} overwrite
 * @returns whether an earlier restore was begun there
 * @throws Trouble when rows must not go there
 */
const checkTarget = async (service, client, overwrite) => {
  const { begun, empty } = await lookAt(service, client);
  if (!begun && !empty && !overwrite)
    throw new Trouble(
      `the database of ${service} is not empty: choose another, or replace what is there by --overwrite`,
    );
  return begun;
};
/**
 * Checks the databases while the roles still have the passwords of the installation that may run there.
 * @param {boolean} overwrite
 */
const lookFirst = (overwrite) => async (/** @type {Record<string, string>} */ urls) => {
  for (const [service, url] of Object.entries(urls)) {
    const client = await connectTo(service, url);
    try {
      await checkTarget(service, client, overwrite);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
};
/**
 * Marks the databases, then looks again: a service that began before the mark was there works in what would be dropped.
 * @param {Record<string, import('pg').Client>} clients @param {Record<string, boolean>} begun
 */
const markAll = async (clients, begun) => {
  try {
    for (const client of Object.values(clients)) await mark(client);
    for (const [service, client] of Object.entries(clients)) await lookAt(service, client);
  } catch (err) {
    for (const [service, client] of Object.entries(clients)) if (!begun[service]) await unmark(client);
    throw err;
  }
};

/**
 * Where the rows go, and what is to be done before and after.
 * @param {import('./format.mjs').Manifest} manifest @param {Record<string, string | undefined>} env
 * @param {boolean} overwrite
 */
const intoState = async (manifest, env, overwrite) => {
  if (!manifest.state)
    throw new Trouble(
      `the backup is of databases alone: set ${SERVICES.map(settingOf).join(', ')} to those that it goes into`,
    );
  const dir = stateDir(env);
  const { unlock } = lock(dir);
  try {
    const before = readState(dir);
    if (before && !overwrite)
      throw new Trouble(
        `${dir} has an installation already: choose another by NEFOS_START_STATE, or replace it by --overwrite`,
      );
    const { NEFOS_DATABASE_URL: url } = readSettings(env, ['NEFOS_DATABASE_URL']);
    if (before) checkDatabase({ dir, url });
    const databasePasswords = Object.fromEntries(
      SERVICES.map((name) => [name, before?.databasePasswords[name] ?? randomBytes(18).toString('base64url')]),
    );
    const opened = await openDatabases({
      dir,
      env: { ...env, ...(url && { NEFOS_DATABASE_URL: url }) },
      passwords: databasePasswords,
      say: () => undefined,
      look: lookFirst(overwrite),
    });
    return {
      urls: opened.urls,
      finish: () => writeState(dir, { ...manifest.state, databasePasswords, database: opened.database }),
      close: async () => {
        await opened.stop();
        unlock();
      },
      next: `start it with \`${env.NEFOS_START_STATE ? `NEFOS_START_STATE=${env.NEFOS_START_STATE} ` : ''}npm start\``,
    };
  } catch (err) {
    unlock();
    throw err;
  }
};
/** @param {Record<string, string>} urls */
const intoDatabases = (urls) => ({ urls, finish: () => undefined, close: () => undefined, next: 'start the services' });

/** Of a service that is younger than the backup: it makes its tables when it starts. */
const NOTHING = { migrations: [], queue: [] };
/**
 * @param {string} file @param {Record<string, string | undefined>} env @param {{ overwrite: boolean }} options
 * @returns what to say when it is done
 */
export const restore = async (file, env, { overwrite }) => {
  const manifest = await checkBackup(file);
  await build();
  await checkVersions(manifest);
  const named = namedDatabases(env);
  const target = named ? intoDatabases(named) : await intoState(manifest, env, overwrite);
  /** @type {Record<string, import('pg').Client>} */
  const clients = {};
  /** @type {Record<string, boolean>} */
  const begun = {};
  try {
    for (const service of SERVICES) {
      clients[service] = await connectTo(service, target.urls[service]);
      begun[service] = await checkTarget(service, clients[service], overwrite);
    }
    await markAll(clients, begun);
    for (const service of SERVICES)
      await makeTables(service, clients[service], target.urls[service], manifest.databases[service] ?? NOTHING);
    const rows = await load(file, clients, manifest);
    target.finish();
    for (const client of Object.values(clients)) await unmark(client);
    return `${rows} rows are restored, as of ${manifest.made_at}: ${target.next}`;
  } finally {
    for (const client of Object.values(clients)) await client.end().catch(() => undefined);
    await target.close();
  }
};
