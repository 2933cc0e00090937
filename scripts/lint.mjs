#!/usr/bin/env node
// @ts-check
// npm run lint: the types of the scripts, and ESLint over all sources. Both need what `npm run build` writes.
import './lib/check-node.cjs';
import { checkLint, checkScriptTypes } from './lib/checks.mjs';
import { argsOrExit } from './lib/options.mjs';
import { build, install } from './lib/prepare.mjs';
import { step, Trouble } from './lib/progress.mjs';

const HELP = `npm run lint

Checks the types of the scripts, and all sources by ESLint. No options.`;
argsOrExit(HELP, {});

try {
  await step('dependencies', install);
  await step('build', build);
  await step('types of the scripts', checkScriptTypes);
  await step('ESLint', checkLint);
} catch (err) {
  if (!(err instanceof Trouble)) throw err;
  console.error(err.message);
  process.exitCode = 1;
}
