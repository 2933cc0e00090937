// @ts-check
// A real PostgreSQL from the npm package, started by us: plain JavaScript, since it runs before anything is built.
// The facts behind it (root, zombies, adopted servers) are in docs/adr/0002-embedded-postgresql.md.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './lib/free-port.mjs';
import { findBinaries, osUser } from './postgres/binaries.mjs';
import { holders, makeCluster, pidFile, serves } from './postgres/cluster.mjs';
import { endIn, endLeftovers, makeThrowAway, onEnd } from './postgres/throw-away.mjs';

/** How long to wait for a server that holds the data directory and does not answer. */
const HELD_MS = 30_000;

/** @typedef {{ host: string, port: number, user: string, password: string }} Address */
/** @typedef {Omit<Address, 'port'> & { port: number | undefined }} Config */
/**
 * A running server. `adopted`: it ran before; `exited` resolves when one that was started here ends.
 * @typedef {Address & { pid: number, adopted: boolean, exited: Promise<unknown>, stop: () => Promise<void> }} Server
 */

/**
 * Where the data and its password are; made when they are missing.
 * @param {string} dir @param {{ bin: string, major: string }} binaries
 * @param {import('./postgres/binaries.mjs').Ids} ids
 */
const openCluster = (dir, { bin, major }, ids) => {
  const data = path.join(fs.realpathSync(dir), `data-${major}`);
  const secret = path.join(dir, 'password');
  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) {
    if (fs.existsSync(data))
      throw new Error(`${data} is there but is no PostgreSQL ${major} data directory: move it away`);
    makeCluster(bin, data, secret, ids);
  }
  if (!fs.existsSync(secret))
    throw new Error(
      `${data} is a database that was not made here (its password file ${secret} is missing): ` +
        'move it away, or set NEFOS_DATABASE_URL',
    );
  return { data, password: fs.readFileSync(secret, 'utf8').trim() };
};

/**
 * Adopts the server that runs in the data directory, if there is one; its port is written into `config`.
 * @param {Config} config @param {string} data
 */
const adopt = async (config, data) => {
  const answers = async () => {
    config.port = pidFile(data)?.port;
    return Boolean(config.port && (await serves(config, data)));
  };
  if (await answers()) return true;
  if (process.platform !== 'linux' || !pidFile(data)) return false;
  // One that is stopping leaves. One that recovers from a crash, or is slow, answers after a while and is adopted.
  for (const end = Date.now() + HELD_MS; holders(data).length; await sleep(50)) {
    if (Date.now() > end)
      throw new Error(`another PostgreSQL holds ${data} (process ${holders(data).join(', ')}): stop it first`);
    if (await answers()) return true;
  }
  fs.rmSync(path.join(data, 'postmaster.pid'), { force: true });
  return false;
};

/**
 * Starts a server, and waits until it answers.
 * @param {{ bin: string, dir: string, data: string, config: Address, ephemeral: boolean, ids:
 *   import('./postgres/binaries.mjs').Ids }} options
 * @returns {Promise<{ exited: Promise<unknown> }>}
 */
const launch = async ({ bin, dir, data, config, ephemeral, ids }) => {
  const logFile = path.join(dir, 'postgres.log');
  const log = fs.openSync(logFile, 'a');
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(ephemeral ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ];
  const child = spawn(
    path.join(bin, 'postgres'),
    ['-D', data, '-p', String(config.port), ...settings.flatMap((s) => ['-c', s])],
    { ...ids, cwd: '/', detached: true, stdio: ['ignore', log, log] },
  );
  fs.closeSync(log);
  /** Exit code, signal, or why it could not be started. @type {Error | string | number | null | undefined} */
  let ended;
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      ended = signal ?? code;
      resolve(ended);
    });
    child.once('error', (err) => {
      ended = err;
      resolve(err);
    });
  });
  child.unref();
  while (!(pidFile(data)?.ready && (await serves(config, data)))) {
    if (ended !== undefined) {
      const words = fs.readFileSync(logFile, 'utf8').slice(-800);
      const reason = ended instanceof Error ? ended.message : ended;
      throw new Error(`PostgreSQL ended at once (${reason}); the end of ${logFile}:\n${words}`);
    }
    await sleep(20);
  }
  return { exited };
};

/** Stops a server by a fast shutdown (SIGINT). @param {number} pid @param {string} data */
const stopServer = async (pid, data) => {
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    return;
  }
  for (let i = 0; pidFile(data) && holders(data).length && i < 1500; i += 1) await sleep(20);
};

/**
 * Starts PostgreSQL in `dir`, or adopts the one that already runs there. It listens on 127.0.0.1 only and needs a
 * password.
 * @param {{ dir: string, port?: number | undefined, ephemeral?: boolean }} options `ephemeral`: nothing survives a
 *   crash; for tests
 * @returns {Promise<Server>}
 */
export async function startLocalPg({ dir, port, ephemeral = false }) {
  const ids = osUser();
  fs.mkdirSync(dir, { recursive: true, mode: 0o755 });
  const binaries = findBinaries(dir, ids);
  const { data, password } = openCluster(dir, binaries, ids);
  /** @type {Config} */
  const config = { host: '127.0.0.1', user: 'postgres', password, port: undefined };
  const adopted = await adopt(config, data);
  const address = { ...config, port: adopted && config.port ? config.port : (port ?? (await freePort())) };
  const { exited } = adopted
    ? { exited: new Promise(() => undefined) }
    : await launch({ bin: binaries.bin, dir, data, config: address, ephemeral, ids });
  const pid = pidFile(data)?.pid;
  if (!pid) throw new Error(`PostgreSQL in ${data} ended right after its start`);
  return { ...address, pid, adopted, exited, stop: () => stopServer(pid, data) };
}

/**
 * Starts a PostgreSQL in a directory of its own, for a test or a benchmark. `stop` takes both away, and so do signals
 * that end this process; what killed runs left behind is ended first.
 * @param {string} purpose a word of the directory's name
 * @param {{ ephemeral?: boolean }} [options]
 * @returns {Promise<Server & { dir: string }>}
 */
export async function startThrowAwayPg(purpose, { ephemeral = true } = {}) {
  await endLeftovers();
  const dir = makeThrowAway(purpose);
  const forget = onEnd(() => endIn(dir));
  try {
    const server = await startLocalPg({ dir, ephemeral });
    return {
      ...server,
      dir,
      stop: async () => {
        await server.stop();
        await endIn(dir);
        forget();
      },
    };
  } catch (err) {
    await endIn(dir);
    forget();
    throw err;
  }
}

/**
 * Makes what services need: a role and a database each, owned by it and closed to the others.
 * @param {Address} admin @param {Record<string, string>} passwords service name to password
 * @returns {Promise<Record<string, string>>} service name to connection URL
 */
export async function makeDatabases(admin, passwords) {
  const client = new pg.Client({ ...admin, database: 'postgres' });
  await client.connect();
  try {
    const roles = (await client.query('select rolname from pg_roles')).rows.map((r) => r.rolname);
    const databases = (await client.query('select datname from pg_database')).rows.map((r) => r.datname);
    /** @type {Record<string, string>} */
    const urls = {};
    for (const [service, password] of Object.entries(passwords)) {
      const name = `nefos_${service}`;
      const id = pg.escapeIdentifier(name);
      await client.query(
        `${roles.includes(name) ? 'alter' : 'create'} role ${id} login password ${pg.escapeLiteral(password)}`,
      );
      if (!databases.includes(name))
        await client.query(`create database ${id} owner ${id} encoding 'UTF8' locale 'C' template template0`);
      await client.query(`revoke connect on database ${id} from public`);
      urls[service] = `postgres://${name}:${encodeURIComponent(password)}@${admin.host}:${admin.port}/${name}`;
    }
    return urls;
  } finally {
    await client.end();
  }
}
