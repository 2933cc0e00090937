// @ts-check
// The checks of the sources that need no database: each is one step of `npm test`.
import { runQuietly } from './prepare.mjs';

/** Runs a program of node_modules; what it prints is shown only when it fails. */
const node = (/** @type {string[]} */ ...args) => runQuietly(process.execPath, args).then(() => undefined);
const TSC = 'node_modules/typescript7/bin/tsc';

export const buildServices = () => node(TSC, '-b', 'scripts/tsconfig.json');
export const checkTestTypes = () => node(TSC, '-p', 'scripts/tsconfig.test.json');
export const checkScriptTypes = async () => {
  await node(TSC, '-p', 'scripts/tsconfig.scripts.json');
  await node(TSC, '-p', 'scripts/tsconfig.tools.json');
};
export const checkFormat = () =>
  node(
    'node_modules/prettier/bin/prettier.cjs',
    '--config',
    'scripts/prettier.config.mjs',
    '--log-level',
    'warn',
    '--check',
    '{packages,services}/*/{src,test}/**/*.ts',
    'packages/*/*.mjs',
    'packages/e2e/test/*.mjs',
    'scripts/**/*.mjs',
  );
export const checkLint = () =>
  node(
    'node_modules/eslint/bin/eslint.js',
    '-c',
    'scripts/eslint.config.mjs',
    '--max-warnings',
    '0',
    'packages',
    'services',
    'scripts',
  );
export const checkLayers = () =>
  node(
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    'scripts/dependency-cruiser.config.mjs',
    '--output-type',
    'err',
    'packages',
    'services',
  );
