// @ts-check
// What survives between starts: the state directory, its owner, who exists in it.
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addNewServices, makePrincipals } from './principals.mjs';
import { Trouble } from './progress.mjs';
import { root } from './prepare.mjs';

/**
 * Everything that lasts, in state.json.
 * @typedef {{ fixture: 'demo' | 'none', credentials: import('./principals.mjs').Credentials, bootstrap: object,
 *   components: Record<string, string>, databasePasswords: Record<string, string>, database?: string }} State
 *   `components`: the services' own tokens; `database`: `embedded`, or host and port
 */

/** @param {string} file @returns {any} undefined when it does not exist */
const readJson = (file) => {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (err) {
    if (err.code === 'ENOENT') return undefined;
    throw new Trouble(`${file} can not be read (${err.message}): move it away`);
  }
};
/**
 * Writes another file and renames it: a crash leaves the old or the new file, never half of one.
 * @param {string} file @param {unknown} value
 */
export const writeSecret = (file, value) => {
  const aside = `${file}.${process.pid}`;
  fs.writeFileSync(aside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(aside, file);
};
/** Whether such a process lives; a zombie does not. @param {number} pid */
export const alive = (pid) => {
  try {
    process.kill(pid, 0);
  } catch (err) {
    return err.code === 'EPERM';
  }
  try {
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
};

export const SERVICES = ['identity', 'compute', 'metering', 'introspection'];
/**
 * The state directory. An empty setting is no setting, as for the services.
 * @param {Record<string, string | undefined>} env
 */
export const stateDir = (env) => path.resolve(root, env.NEFOS_START_STATE || '.nefos');

/** Where a state directory has the keys of secrets. @param {string} dir */
export const secretKeysFile = (dir) => path.join(dir, 'secret-keys');
/** Where a state directory has the data of images. @param {string} dir */
export const imageDir = (dir) => path.join(dir, 'images');
/**
 * Makes the key that seals secrets, once. Only its owner can read it; no backup has it.
 * @param {string} dir
 */
export const makeSecretKeys = (dir) => {
  const file = secretKeysFile(dir);
  if (fs.existsSync(file)) return;
  const aside = `${file}.${process.pid}`;
  fs.writeFileSync(aside, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
  fs.renameSync(aside, file);
};

/**
 * One supervisor per state directory. The lock of a dead one is taken over.
 * @param {string} dir
 * @returns {{ unlock: () => void, takenOver: boolean }}
 */
export const lock = (dir) => {
  const unwritable = (/** @type {NodeJS.ErrnoException} */ err) =>
    new Trouble(`${dir} can not be written (${err.code}): choose another directory by NEFOS_START_STATE`);
  try {
    fs.mkdirSync(dir, { recursive: true, mode: 0o755 });
  } catch (err) {
    throw unwritable(err);
  }
  const file = path.join(dir, 'supervisor.pid');
  let takenOver = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (err) {
      if (err.code !== 'EEXIST') throw unwritable(err);
      const pid = Number(fs.readFileSync(file, 'utf8'));
      if (pid !== process.pid && pid > 0 && alive(pid) && attempt < 3)
        throw new Trouble(
          `Nefos runs here already (process ${pid}): stop it first, ` +
            'or use another state directory by NEFOS_START_STATE',
        );
      takenOver = true;
      fs.rmSync(file, { force: true });
    }
  }
  return { unlock: () => fs.rmSync(file, { force: true }), takenOver };
};

/** @param {string} dir @returns {State | undefined} undefined when the state directory is new */
export const readState = (dir) => readJson(path.join(dir, 'state.json'));
/** The fixture that a state directory was made with; undefined: it is new. @param {string} dir */
export const fixtureOf = (dir) => readState(dir)?.fixture;
/** Writes everything that lasts, and what people and services read of it. @param {string} dir @param {State} state */
export const writeState = (dir, state) => {
  writeSecret(path.join(dir, 'state.json'), state);
  writeSecret(path.join(dir, 'credentials.json'), state.credentials);
  writeSecret(path.join(dir, 'bootstrap.json'), state.bootstrap);
};
/**
 * Which database a state directory belongs to: `embedded`, or host and port. An old one does not have it written: its
 * files tell.
 * @param {string} dir
 * @returns {string | undefined} undefined when it is new
 */
export const databaseOf = (dir) => {
  const state = readState(dir);
  if (!state || state.database) return state?.database;
  if (fs.existsSync(path.join(databaseDir(dir), 'password'))) return EMBEDDED;
  const url = readJson(path.join(dir, 'runtime.json'))?.identity_database_url;
  return url && addressOf(new URL(url));
};
export const EMBEDDED = 'embedded';
/** @param {URL} url of a database @returns host and port */
export const addressOf = (url) => `${decodeURIComponent(url.hostname)}:${url.port || 5432}`;

/**
 * Everything decided at the first start: fixture, principals, database passwords. It lasts once `writeState` was
 * called.
 * @param {string} dir @param {{ fixture?: State['fixture'] | undefined, gateway: string }} options
 * @returns {State}
 */
export const openState = (dir, { fixture, gateway }) => {
  let state = readState(dir);
  if (state && fixture && state.fixture !== fixture)
    throw new Trouble(
      `${dir} was made with --fixture ${state.fixture}: ` +
        'start without the option, or use another directory by NEFOS_START_STATE',
    );
  if (!state) {
    const chosen = fixture ?? 'demo';
    state = { fixture: chosen, ...makePrincipals({ fixture: chosen, gateway }), databasePasswords: {} };
  }
  addNewServices(state, gateway);
  for (const name of SERVICES) state.databasePasswords[name] ??= randomBytes(18).toString('base64url');
  state.credentials.gateway = gateway;
  return state;
};

/**
 * Where PostgreSQL keeps its data: in the state directory, unless that is root's and PostgreSQL's user can not reach
 * it.
 * @param {string} dir
 */
export const databaseDir = (dir) => {
  const inside = path.join(dir, 'postgres');
  if (process.getuid?.() !== 0 || fs.existsSync(path.join(inside, 'password'))) return inside;
  for (let at = fs.realpathSync(dir); ; at = path.dirname(at)) {
    if (!(fs.statSync(at).mode & 0o001))
      return path.join(
        '/var/lib',
        `nefos-${createHash('sha256').update(fs.realpathSync(dir)).digest('hex').slice(0, 12)}`,
      );
    if (at === path.dirname(at)) return inside;
  }
};

/**
 * Why a port can not be used; undefined: it can.
 * @param {number} port @param {string} host
 * @returns {Promise<string | undefined>}
 */
const busy = (port, host) =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ err) => resolve(err.code));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
/**
 * Checks every port before anything starts. Services of a supervisor that was killed end by themselves within ten
 * seconds: after such a one they are waited for.
 * @param {{ name: string, port: number, host: string, setting: string }[]} ports @param {{ takenOver?: boolean }}
 *   [options]
 * @throws {Trouble} that names every port that can not be used
 */
export const portsFree = async (ports, { takenOver = false } = {}) => {
  const patience = Number(process.env.NEFOS_START_PORT_WAIT_MS || (takenOver ? 15_000 : 1000));
  for (let attempt = 0; ; attempt += 1) {
    const unusable = [];
    for (const one of ports) {
      const why = await busy(one.port, one.host);
      if (why) unusable.push({ ...one, why });
    }
    if (!unusable.length) return;
    if (unusable.every((t) => t.why === 'EADDRINUSE') && attempt * 200 < patience) {
      await sleep(200);
      continue;
    }
    throw new Trouble(
      unusable
        .map(({ name, port, host, setting, why }) =>
          why === 'EADDRINUSE'
            ? `port ${port} (${name}) is taken by another program: stop it, or choose another port by ${setting}`
            : `port ${port} (${name}) on ${host} can not be used (${why}): ` +
              `change ${setting} or ${name === 'gateway' ? 'NEFOS_HOST' : 'NEFOS_SERVICES_HOST'}`,
        )
        .join('\n'),
    );
  }
};
