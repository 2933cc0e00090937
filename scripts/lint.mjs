#!/usr/bin/env node
// @ts-check
// npm run lint: the types of the scripts, and ESLint over all sources. Both need what `npm run build` writes.
import './lib/check-node.cjs';
import { spawnSync } from 'node:child_process';
import { argsOrExit } from './lib/options.mjs';
import { build, install, root } from './lib/prepare.mjs';
import { step, Trouble } from './lib/progress.mjs';

const HELP = `npm run lint

Checks the types of the scripts, and all sources by ESLint. No options.`;
argsOrExit(HELP, {});

/** @param {string[]} args of node; its output is the terminal's */
const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
const TSC = 'node_modules/typescript7/bin/tsc';
const CONFIG = 'scripts/eslint.config.mjs';

try {
  await step('dependencies', install);
  await step('build', build);
  for (const project of ['scripts', 'tools']) process.exitCode ||= node(TSC, '-p', `scripts/tsconfig.${project}.json`);
  const folders = ['packages', 'services', 'scripts'];
  process.exitCode ||= node('node_modules/eslint/bin/eslint.js', '-c', CONFIG, '--max-warnings', '0', ...folders);
} catch (err) {
  if (!(err instanceof Trouble)) throw err;
  console.error(err.message);
  process.exitCode = 1;
}
