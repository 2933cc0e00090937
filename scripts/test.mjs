#!/usr/bin/env node
// @ts-check
// npm test: installs, builds, checks types, format, lint and layers, then runs every test against its own PostgreSQL.
// The last line is "N passed, N failed".
import './lib/check-node.cjs';
import * as checks from './lib/checks.mjs';
import { install, root } from './lib/prepare.mjs';
import { red, step } from './lib/progress.mjs';
import { filesOf, testFiles } from './lib/test-parts.mjs';

const HELP = `npm test [-- <part> ... [options of Jest]]

  npm test                                            everything
  npm test -- compute/instances                       an area of a service; no format, lint and layers
  npm test -- identity kit gateway                    services and packages (kit: packages/service-kit)
  npm test -- services/metering/test/start.test.ts    one file, or a part of a path
  npm test -- metering -t 'some words'                only the tests whose name fits
  npm run test:unit                                   only tests that need no PostgreSQL, without build and types

The last line is "N passed, N failed". Exit code 0: none failed, and there was one.`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(HELP);
  process.exit();
}
const unit = args[0] === '--unit';
if (unit) args.shift();
/** Words up to the first option name parts; everything after belongs to Jest. */
const firstOption = args.findIndex((one) => one.startsWith('-'));
const words = firstOption < 0 ? args : args.slice(0, firstOption);
const jestOptions = firstOption < 0 ? [] : args.slice(firstOption);

// npm hands a signal on to its shell only, and this process would go on without either.
if (process.env.npm_lifecycle_event) {
  const { ppid } = process;
  setInterval(() => {
    if (process.ppid !== ppid) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

let passed = 0;
let failed = 0;
/** @returns {never} */
const finish = () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
};
/** @param {unknown} err */
const countFailure = (err) => {
  failed += 1;
  console.log(red(err instanceof Error ? err.message : String(err)));
};
/** A step counts as a test. @param {string} name @param {() => Promise<unknown>} work */
const count = async (name, work) => {
  try {
    await step(name, work);
    passed += 1;
    return true;
  } catch (err) {
    countFailure(err);
    return false;
  }
};
/** @returns {string[]} the files to run; none: all */
const chosenFiles = () => {
  try {
    return filesOf(words, testFiles(root));
  } catch (err) {
    countFailure(err);
    return finish();
  }
};
/** Runs Jest; its results are counted. @param {string} config @param {string[]} files */
const countJest = async (config, files) => {
  // Only now: it needs packages, which a fresh clone has after the first step.
  const { runJest } = await import('./lib/run-jest.mjs');
  const env = { FORCE_COLOR: process.stdout.isTTY ? '1' : '0' };
  const result = await runJest(config, { files, args: jestOptions, env, patterns: args });
  passed += result.passed;
  failed += result.failed;
  if (result.wrong) console.log(red(result.wrong));
};

const files = words.length ? chosenFiles() : [];
if (unit) {
  await countJest('packages/testing/jest.unit.config.mjs', files);
  finish();
}
if (!(await count('dependencies', install))) finish();
if (!(await count('build and types', checks.buildServices))) finish();
if (!(await count('types of the tests', checks.checkTestTypes))) finish();
if (!args.length) {
  await count('types of the scripts', checks.checkScriptTypes);
  await count('format', checks.checkFormat);
  await count('lint', checks.checkLint);
  await count('layers', checks.checkLayers);
}
const CONFIG = 'packages/testing/jest.config.mjs';
if (args.length) await countJest(CONFIG, files);
else {
  // Tests of whole installations and of the kit mostly wait: they run beside the others, each group with a PostgreSQL
  // of its own. The two take about as long as each other.
  const all = testFiles(root);
  const waits = (/** @type {string} */ file) => /^packages\/(e2e|service-kit)\//.test(file);
  const groups = [all.filter(waits), all.filter((file) => !waits(file))];
  await Promise.all(groups.map((group) => countJest(CONFIG, group)));
}
finish();
