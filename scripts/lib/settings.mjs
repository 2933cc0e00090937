// @ts-check
// The options of npm start and its own NEFOS_* settings, checked before anything runs.
import { readSettings } from './file-settings.mjs';
import { readArgs } from './options.mjs';
import { Trouble } from './progress.mjs';

/** @typedef {Record<string, string | undefined>} Env */
/**
 * @typedef {[fits: (text: string) => boolean, words?: string]} Rule whether a value fits, and what would fit in words
 */

/** @param {string} text */
const port = (text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
/** @type {Rule} */
const PORT = [port, 'a port is a number from 1 to 65535'];
/** Every NEFOS_START_* setting. RESTARTS is what a service gets from its supervisor; here it means nothing. */
const OWN = /** @type {Record<string, Rule>} */ ({
  NEFOS_START_STATE: [() => true],
  NEFOS_START_DATABASE_PORT: PORT,
  NEFOS_START_PORT_WAIT_MS: [(text) => /^\d{1,9}$/.test(text), 'milliseconds'],
  NEFOS_START_LOGS: [(text) => ['files', 'stdout'].includes(text), 'files or stdout'],
  NEFOS_START_LOG_MB: [(text) => /^[1-9]\d{0,3}$/.test(text), 'megabytes, from 1 to 9999'],
  NEFOS_START_LOG_FILES: [(text) => /^[1-9]\d?$/.test(text), 'a number from 1 to 99'],
  NEFOS_START_RESTARTS: [() => true],
});
/** Where logs go, the size at which a file is put aside, how many old ones are kept. @param {Env} env */
export const logSettings = (env) => ({
  toStdout: env.NEFOS_START_LOGS === 'stdout',
  bytes: Number(env.NEFOS_START_LOG_MB || 20) * 1e6,
  kept: Number(env.NEFOS_START_LOG_FILES || 5),
});

/** What services need and npm start decides: a value that the operator sets would have no effect, so it is refused. */
const DECIDED =
  /^NEFOS_((IDENTITY|COMPUTE|METERING|INTROSPECTION)_DATABASE_URL|(COMPUTE|METERING|INTROSPECTION)_TOKEN|BOOTSTRAP_FILE)(_FILE)?$/;
/** What npm start reads itself, and what it hands on with a value of its own. */
const READ = ['NEFOS_DATABASE_URL', 'NEFOS_HOST', 'NEFOS_SERVICES_HOST', 'NEFOS_PUBLIC_URL'];
const ADDRESSES = ['IDENTITY', 'COMPUTE', 'METERING', 'INTROSPECTION', 'GATEWAY'].flatMap((name) => [
  `NEFOS_${name}_URL`,
  `NEFOS_${name}_PORT`,
]);

/**
 * The environment with the values of the settings that were given as files.
 * @param {Env} env
 * @returns {Env}
 * @throws {Trouble} that names every fault
 */
export const ownEnvironment = (env) => {
  const decided = Object.keys(env).filter((name) => DECIDED.test(name) && env[name]);
  if (decided.length)
    throw new Trouble(
      `${decided.join(', ')}: npm start makes these itself. ` +
        'For databases of your own set NEFOS_DATABASE_URL; docs/configuration.md',
    );
  const names = [...READ, ...ADDRESSES];
  const given = readSettings(env, names);
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name.replace(/_FILE$/, '')))),
    ...given,
  };
};

/**
 * @param {string} help
 * @returns {{ fixture?: 'demo' | 'none', 'database-moved'?: boolean, help?: boolean }}
 * @throws {Trouble} with the help for options that do not exist
 */
export const readOptions = (help) => {
  const values = readArgs(help, { fixture: { type: 'string' }, 'database-moved': { type: 'boolean' } });
  if (values.fixture !== undefined && !['demo', 'none'].includes(values.fixture))
    throw new Trouble(`--fixture ${values.fixture}: there are "demo" and "none"`);
  return /** @type {ReturnType<typeof readOptions>} */ (values);
};

/**
 * @param {Env} env @param {Record<string, number>} defaults the ports to use when none is set
 * @returns {Record<string, number>} the ports of the services
 * @throws {Trouble} that names every fault
 */
export const readOwnSettings = (env, defaults) => {
  const faults = [];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('NEFOS_START_') || value === '') continue;
    const [fits, words] = OWN[name] ?? [() => false, 'no such setting'];
    if (!fits(value ?? '')) faults.push(OWN[name] ? `${name}=${value}: ${words}` : `${name}: ${words}`);
  }
  /** @type {Record<string, number>} */
  const ports = {};
  for (const [service, usual] of Object.entries(defaults)) {
    const name = `NEFOS_${service.toUpperCase()}_PORT`;
    const text = env[name] || String(usual);
    if (!port(text)) faults.push(`${name}=${text}: ${PORT[1]}`);
    ports[service] = Number(text);
  }
  if (faults.length) throw new Trouble(faults.join('\n'));
  return ports;
};

/**
 * Called before anything is written: which people exist can not be changed afterwards.
 * @param {{ wanted?: string | undefined, made?: string | undefined, env: Env, loopback: boolean, dir: string }} options
 *   `made`: the fixture that is there already
 * @throws {Trouble} when the fixture can not be had
 */
export const checkFixture = ({ wanted, made, env, loopback, dir }) => {
  const fixture = made ?? wanted ?? 'demo';
  const other = made === 'demo' ? `, with another NEFOS_START_STATE: ${dir} was made with the demo fixture` : '';
  const none = `npm start -- --fixture none${other}`;
  if (env.NEFOS_FIXTURE && env.NEFOS_FIXTURE !== fixture)
    throw new Trouble(
      `NEFOS_FIXTURE=${env.NEFOS_FIXTURE}: npm start does not go by it: ` +
        (env.NEFOS_FIXTURE === 'none' ? none : 'npm start -- --fixture demo'),
    );
  if (fixture === 'demo' && !loopback)
    throw new Trouble(
      'the demo fixture has well-known passwords and listens on loopback only: ' +
        `set NEFOS_HOST and NEFOS_SERVICES_HOST to 127.0.0.1, or ${none}`,
    );
};
