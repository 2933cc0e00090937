// @ts-check
// Which databases a backup is made of: those that the environment names, else those of the installation in the state
// directory.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readSettings } from '../lib/file-settings.mjs';
import { Trouble } from '../lib/progress.mjs';
import { SERVICES, stateDir } from '../lib/state.mjs';

/** @param {string} service */
export const settingOf = (service) => `NEFOS_${service.toUpperCase()}_DATABASE_URL`;

/**
 * The databases that the operator names for each service, as a deployment of its own has them.
 * @param {Record<string, string | undefined>} env
 * @returns undefined when none is named
 * @throws Trouble when only some are
 */
export const namedDatabases = (env) => {
  const given = readSettings(env, SERVICES.map(settingOf));
  const missing = SERVICES.map(settingOf).filter((name) => !given[name]);
  if (missing.length === SERVICES.length) return undefined;
  if (missing.length) throw new Trouble(`a backup is of all services: ${missing.join(' and ')} is not set`);
  return Object.fromEntries(SERVICES.map((service) => [service, given[settingOf(service)]]));
};

/**
 * @param {Record<string, string | undefined>} env
 * @returns {{urls: Record<string, string>, state?: object}} of the running installation, or of the databases that are
 *   named
 */
export const runningInstallation = (env) => {
  const named = namedDatabases(env);
  if (named) return { urls: named };
  const dir = stateDir(env);
  /** @param {string} name */
  const read = (name) => JSON.parse(readFileSync(path.join(dir, name), 'utf8'));
  if (!existsSync(path.join(dir, 'runtime.json')))
    throw new Trouble(
      `Nefos does not run in ${dir}: start it with \`npm start\`, or set ${SERVICES.map(settingOf).join(', ')}`,
    );
  const runtime = read('runtime.json');
  const { fixture, credentials, bootstrap, components } = read('state.json');
  return {
    urls: Object.fromEntries(SERVICES.map((service) => [service, runtime[`${service}_database_url`]])),
    state: { fixture, credentials, bootstrap, components },
  };
};
