// @ts-check
// A test of services/*/test/interop by its name, run by Jest with what it needs from its environment.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { jestResult } from '../lib/jest-result.mjs';
import { root } from '../lib/prepare.mjs';

const CONFIG = 'packages/testing/jest.interop.config.mjs';
/** @param {string} name the beginning of the file's name @param {Record<string, string>} env */
export const runInteropTest = async (name, env) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-interop-'));
  const report = path.join(dir, 'report.json');
  try {
    const args = ['node_modules/jest/bin/jest.js', '-c', CONFIG, '--json', '--outputFile', report, `interop/${name}`];
    const code = await new Promise((resolve) => {
      const child = spawn(process.execPath, args, {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, ...env },
      });
      child.once('exit', (status, signal) => resolve(status ?? signal));
    });
    return jestResult(JSON.parse(readFileSync(report, 'utf8')), code);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
