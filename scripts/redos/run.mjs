#!/usr/bin/env node
// @ts-check
// npm run lint:redos: every pattern of the programs through `recheck`, which proves each one linear. It finds more than
// the rules of `npm run lint` do, and takes minutes; so it is installed here on demand, in its own folder, without its
// programs for other platforms.
import '../lib/check-node.cjs';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { argsOrExit } from '../lib/options.mjs';

argsOrExit(
  'npm run lint:redos\n\nProves that no pattern takes more than linear time; takes minutes, ' +
    'and installs `recheck` for itself. No options.',
);
const PLUGIN = 'eslint-plugin-redos@4.5.0';
const root = path.resolve(import.meta.dirname, '../..');
const home = path.join(root, 'node_modules/.cache/nefos-redos');
if (!existsSync(path.join(home, 'node_modules/eslint-plugin-redos'))) {
  mkdirSync(home, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = [
    '--prefix',
    home,
    '--no-save',
    '--omit=optional',
    '--omit=peer',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
  ];
  execFileSync(npm, ['install', ...options, PLUGIN], { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] });
}
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/eslint/bin/eslint.js',
    '-c',
    'scripts/redos/eslint.config.mjs',
    '--max-warnings',
    '0',
    'packages',
    'services',
    'scripts',
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, RECHECK_BACKEND: 'pure' } },
);
if (status === 0) console.log('no pattern takes more than linear time');
process.exit(status ?? 1);
