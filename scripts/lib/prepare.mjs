// @ts-check
// From a fresh clone to something that runs: install what is missing, build what is stale.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Trouble } from './progress.mjs';

export const root = path.resolve(import.meta.dirname, '../..');

/**
 * Runs a program to its end; its output is shown only when it fails.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptionsWithoutStdio}
 *   [options]
 * @returns {Promise<string>} the end of its output
 */
export const runQuietly = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
      ...options,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part) => {
        output = (output + part).slice(-20_000);
      });
    child.once('error', (err) => reject(new Trouble(`${command} can not be run: ${err.message}`)));
    child.once('exit', (code) =>
      code === 0 ? resolve(output) : reject(new Trouble(`${command} ${args.join(' ')} failed:\n${output.trim()}`)),
    );
  });

/** Whether npm has put here just what the lock file names; optional packages of other platforms aside. */
const installed = () => {
  const read = (/** @type {string} */ file) => {
    try {
      return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
    } catch {
      return undefined;
    }
  };
  const here = read('node_modules/.package-lock.json');
  return (
    here !== undefined &&
    /** @type {[string, { version?: string, link?: boolean, optional?: boolean }][]} */
    (Object.entries(read('package-lock.json'))).every(
      ([at, { version, link, optional }]) =>
        !at.includes('node_modules/') ||
        optional ||
        (link ? existsSync(path.join(root, at)) : here[at]?.version === version),
    )
  );
};
/** Installs the locked dependencies unless they are there already. No install script is needed. */
export const install = async () => {
  if (installed()) return 'already there';
  await runQuietly('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts']);
  return 'npm ci';
};
/** The compiler looks itself which parts are stale. */
export const build = async () => {
  await runQuietly(process.execPath, ['node_modules/typescript7/bin/tsc', '-b', 'scripts/tsconfig.json']);
};
