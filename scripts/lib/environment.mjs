// @ts-check
// The environment that npm start gives each service, and the check of all settings before anything runs.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './prepare.mjs';
import { Trouble } from './progress.mjs';
import { imageDir, secretKeysFile, SERVICES } from './state.mjs';

/** @typedef {Record<string, string | undefined>} Env */
/**
 * What the environments are made of: the operator's settings, the state directory and what is in it.
 * @typedef {{ env: Env, state: import('./state.mjs').State, dir: string, ports: Record<string, number>, publicUrl:
 *   string }} Known
 */

/** The services that have secrets to seal. */
const SEALING = ['compute', 'introspection'];

/** The address at which a server that listens on `host` is reached from this machine. */
export const origin = (
  /** @type {string | undefined} */
  host = '127.0.0.1',
  /** @type {number | undefined} */
  port,
) => {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
};

/**
 * The environment of one service: what the operator set, and what only the supervisor knows.
 * @param {string} name @param {Known & { urls: Record<string, string> }} known `urls`: database of each service
 * @returns {Env}
 */
export const environment = (name, { env, state, dir, ports, urls, publicUrl }) => ({
  ...Object.fromEntries(
    Object.entries(env).filter(
      ([key]) =>
        !key.startsWith('NEFOS_START_') &&
        key !== 'NEFOS_DATABASE_URL' &&
        (SEALING.includes(name) || !key.startsWith('NEFOS_SECRET_KEYS')),
    ),
  ),
  NEFOS_PUBLIC_URL: publicUrl,
  NEFOS_FIXTURE: state.fixture,
  NEFOS_BOOTSTRAP_FILE: path.join(dir, 'bootstrap.json'),
  NEFOS_COMPUTE_IMAGE_DIR: env.NEFOS_COMPUTE_IMAGE_DIR || imageDir(dir),
  NEFOS_COMPUTE_QEMU_DIR: env.NEFOS_COMPUTE_QEMU_DIR || path.join(dir, 'qemu'),
  ...Object.fromEntries(Object.entries(ports).map(([key, port]) => [`NEFOS_${key.toUpperCase()}_PORT`, String(port)])),
  ...Object.fromEntries(
    SERVICES.map((key) => [
      `NEFOS_${key.toUpperCase()}_URL`,
      env[`NEFOS_${key.toUpperCase()}_URL`] || origin(env.NEFOS_SERVICES_HOST, ports[key]),
    ]),
  ),
  ...(urls[name] && { [`NEFOS_${name.toUpperCase()}_DATABASE_URL`]: urls[name] }),
  ...(SEALING.includes(name) &&
    !env.NEFOS_SECRET_KEYS &&
    !env.NEFOS_SECRET_KEYS_FILE &&
    existsSync(secretKeysFile(dir)) && { NEFOS_SECRET_KEYS_FILE: secretKeysFile(dir) }),
  ...(state.components[name] && { [`NEFOS_${name.toUpperCase()}_TOKEN`]: state.components[name] }),
});

/**
 * Reads every service's settings as the service itself does.
 * @param {Known} known
 * @throws {Trouble} with all faults of all services
 */
export const checkSettings = async (known) => {
  const urls = Object.fromEntries(SERVICES.map((service) => [service, 'postgres://localhost/x']));
  const faults = new Set();
  for (const name of [...SERVICES, 'gateway']) {
    const module = await import(path.join(root, 'services', name, 'dist/config.js'));
    const read = Object.entries(module).find(([key]) => /^read\w*Config$/.test(key))?.[1];
    try {
      read(environment(name, { ...known, urls }));
    } catch (err) {
      const { name: kind, faults: found = [] } = /** @type {{ name?: string, faults?: string[] }} */ (err);
      if (kind !== 'ConfigError') throw err;
      for (const fault of found) faults.add(fault);
    }
  }
  if (faults.size) throw new Trouble(`the settings do not hold:\n${[...faults].map((f) => `  - ${f}`).join('\n')}`);
};
