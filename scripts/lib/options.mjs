// @ts-check
// One reader of options for all scripts: one that does not exist is refused before any work is done, with the help.
import { parseArgs } from 'node:util';
import { red, Trouble } from './progress.mjs';

/** @typedef {NonNullable<import('node:util').ParseArgsConfig['options']>} Options */
/**
 * What was given, by the names of the options; `positionals` where they are allowed.
 * @typedef {Record<string, any> & { positionals?: string[] }} Values
 */

/**
 * @param {string} help
 * @param {Options} [options] besides `--help`
 * @param {{ args?: string[], allowPositionals?: boolean }} [more]
 * @returns {Values}
 * @throws {Trouble} one line, then the help
 */
export const readArgs = (help, options = {}, { args = process.argv.slice(2), allowPositionals = false } = {}) => {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals,
      options: { ...options, help: { type: 'boolean', short: 'h' } },
    });
    return { ...values, ...(allowPositionals && { positionals }) };
  } catch (err) {
    throw new Trouble(`${err.message.split('. ')[0]}\n\n${help}`);
  }
};

/**
 * The same for a script's first line: shows the help or what is wrong, and ends the process then. `check` may throw
 * Trouble too.
 * @param {string} help @param {Options} [options]
 * @param {{ args?: string[], allowPositionals?: boolean, check?: (values: Values) => Values }} [more]
 * @returns {Values}
 */
export const argsOrExit = (help, options, { check = (values) => values, ...more } = {}) => {
  try {
    const values = readArgs(help, options, more);
    if (!values.help) return check(values);
    console.log(help);
  } catch (err) {
    if (!(err instanceof Trouble)) throw err;
    console.error(red(err.message));
    process.exit(1);
  }
  return process.exit(0);
};
