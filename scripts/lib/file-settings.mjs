// @ts-check
// A setting X can be given as a file by X_FILE. This reader is for what runs before the services are built; theirs is
// in the kit.
import { readFileSync } from 'node:fs';
import { Trouble } from './progress.mjs';

/**
 * @param {Record<string, string | undefined>} env @param {string[]} names
 * @returns {Record<string, string>} what is set of `names`, by itself or as a file
 * @throws {Trouble} that names every fault
 */
export const readSettings = (env, names) => {
  /** @type {Record<string, string>} */
  const given = {};
  const faults = [];
  for (const name of names) {
    const file = env[`${name}_FILE`];
    const value = env[name];
    if (value) given[name] = value;
    if (!file) continue;
    if (value) faults.push(`${name} and ${name}_FILE are both set: one of them says which`);
    try {
      given[name] = readFileSync(file, 'utf8').trim();
      if (!given[name]) faults.push(`${name}_FILE: ${file} is empty`);
    } catch (err) {
      faults.push(`${name}_FILE: can not read ${file} (${err.code})`);
    }
  }
  if (faults.length) throw new Trouble(faults.join('\n'));
  return given;
};
