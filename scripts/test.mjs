#!/usr/bin/env node
// npm test: installs, builds, checks types, lint and layers, then runs every test against its own PostgreSQL.
//   npm test                       everything
//   npm test -- services/metering  only the tests whose path fits; no lint, no layers
//   npm test -- services/metering/test/start.test.ts -t 'some words'
// The last line is "N passed, N failed".
import './lib/check-node.cjs';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { jestResult } from './lib/jest-result.mjs';
import { install, root, runQuietly } from './lib/prepare.mjs';
import { red, step } from './lib/progress.mjs';

const HELP = `npm test [-- <part of a path> ... [options of Jest]]

  npm test                                            everything
  npm test -- services/metering                       only the tests whose path fits; no format, lint and layers
  npm test -- services/metering/test/start.test.ts    one file
  npm test -- services/metering -t 'some words'       only the tests whose name fits

The last line is "N passed, N failed". Exit code 0: none failed, and there was one.`;
const patterns = process.argv.slice(2);
if (patterns.includes('--help') || patterns.includes('-h')) {
  console.log(HELP);
  process.exit();
}
let passed = 0;
let failed = 0;
const count = async (name, work) => {
  try {
    await step(name, work);
    passed += 1;
    return true;
  } catch (err) {
    failed += 1;
    console.log(red(err.message));
    return false;
  }
};
const node = (...args) => runQuietly(process.execPath, args).then(() => undefined);
const finish = () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
};
if (!(await count('dependencies', install))) finish();
if (!(await count('build and types', () => node('node_modules/typescript7/bin/tsc', '-b', 'scripts/tsconfig.json'))))
  finish();
if (
  !(await count('types of the tests', () =>
    node('node_modules/typescript7/bin/tsc', '-p', 'scripts/tsconfig.test.json'),
  ))
)
  finish();
if (!patterns.length) {
  await count('format', () =>
    node(
      'node_modules/prettier/bin/prettier.cjs',
      '--config',
      'scripts/prettier.config.mjs',
      '--log-level',
      'warn',
      '--check',
      '{packages,services}/*/{src,test}/**/*.ts',
      'packages/*/*.mjs',
      'scripts/**/*.mjs',
    ),
  );
  await count('lint', () =>
    node(
      'node_modules/eslint/bin/eslint.js',
      '-c',
      'scripts/eslint.config.mjs',
      '--max-warnings',
      '0',
      'packages',
      'services',
    ),
  );
  await count('layers', () =>
    node(
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      'scripts/dependency-cruiser.config.mjs',
      '--output-type',
      'err',
      'packages',
      'services',
    ),
  );
}
const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-jest-'));
const report = path.join(dir, 'report.json');
const code = await new Promise((resolve) => {
  const child = spawn(
    process.execPath,
    [
      'node_modules/jest/bin/jest.js',
      '-c',
      'packages/testing/jest.config.mjs',
      '--json',
      '--outputFile',
      report,
      ...patterns,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    },
  );
  child.once('exit', (status, signal) => resolve(status ?? signal));
});
try {
  const result = jestResult(JSON.parse(readFileSync(report, 'utf8')), code, patterns);
  passed += result.passed;
  failed += result.failed;
  if (result.wrong) console.log(red(result.wrong));
} catch {
  failed += 1;
  console.log(red('Jest wrote no report'));
}
rmSync(dir, { recursive: true, force: true });
finish();
