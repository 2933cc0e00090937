// @ts-check
// Runs Jest and tells what it came to.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jestResult } from './jest-result.mjs';
import { root } from './prepare.mjs';
import { endLeftovers, isEnding, onEnd } from '../postgres/throw-away.mjs';

/** How long Jest, its workers and what they have started may take to end. */
const GRACE_MS = 15_000;
/**
 * Ends Jest with all processes of its group, and what they leave behind.
 * @param {import('node:child_process').ChildProcess} child
 */
const endGroup = async (child) => {
  const { pid } = child;
  if (pid === undefined) return;
  const send = (/** @type {NodeJS.Signals | 0} */ signal) => {
    try {
      process.kill(-pid, signal);
      return true;
    } catch {
      return false;
    }
  };
  send('SIGTERM');
  for (const until = Date.now() + GRACE_MS; Date.now() < until && send(0); await sleep(50));
  send('SIGKILL');
  await endLeftovers();
};

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
        // A group of its own, so that its workers end with it.
        { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env }, detached: true },
      );
      const forget = onEnd(() => endGroup(child).finally(() => rmSync(dir, { recursive: true, force: true })));
      const limit =
        minutes === undefined ? undefined : setTimeout(() => void endGroup(child), Math.ceil(minutes * 60_000));
      child.once('exit', (status, signal) => {
        clearTimeout(limit);
        forget();
        // Else what comes next would be done before all is ended.
        if (!isEnding()) resolve(status ?? signal);
      });
    });
    return jestResult(JSON.parse(readFileSync(report, 'utf8')), code, patterns);
  } catch {
    return { passed: 0, failed: 1, wrong: 'Jest wrote no report' };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
