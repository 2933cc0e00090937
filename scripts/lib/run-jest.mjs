// @ts-check
// Runs Jest and tells what it came to.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { jestResult } from './jest-result.mjs';
import { root } from './prepare.mjs';

/**
 * @param {string} config of Jest, from the root of the repository
 * @param {object} [options]
 * @param {readonly string[]} [options.files] only these; none: all of the configuration
 * @param {readonly string[]} [options.args] more options of Jest
 * @param {Record<string, string>} [options.env] beside that of this process
 * @param {string[]} [options.patterns] what was asked for, for the message when nothing fits
 * @param {number} [options.minutes] after which Jest is ended; absent: it has no limit
 * @returns {Promise<import('./jest-result.mjs').Result>} its failures are printed by Jest itself
 */
export const runJest = async (config, { files = [], args = [], env = {}, patterns, minutes } = {}) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-jest-'));
  const report = path.join(dir, 'report.json');
  const chosen = files.length ? ['--runTestsByPath', ...files] : [];
  try {
    const code = await new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        ['node_modules/jest/bin/jest.js', '-c', config, '--json', '--outputFile', report, ...chosen, ...args],
        { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } },
      );
      const limit =
        minutes === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), Math.ceil(minutes * 60_000));
      child.once('exit', (status, signal) => {
        clearTimeout(limit);
        resolve(status ?? signal);
      });
    });
    return jestResult(JSON.parse(readFileSync(report, 'utf8')), code, patterns);
  } catch {
    return { passed: 0, failed: 1, wrong: 'Jest wrote no report' };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
