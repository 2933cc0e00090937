#!/usr/bin/env node
// The operator's command: `npm run nefos -- user create ...`. Finds the database of the running installation and builds what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const state = path.resolve(root, process.env.NEFOS_START_STATE ?? '.nefos');
const say = (line) => {
  process.stderr.write(`${line}\n`);
  process.exit(1);
};
const database = () => {
  if (process.env.NEFOS_IDENTITY_DATABASE_URL) return process.env.NEFOS_IDENTITY_DATABASE_URL;
  const file = path.join(state, 'runtime.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')).identity_database_url ?? say(`${file} has no identity_database_url: start Nefos again with \`npm start\``);
  } catch (err) {
    return say(
      err.code === 'ENOENT' ? 'Nefos does not run: start it with `npm start`, or set NEFOS_IDENTITY_DATABASE_URL' : `can not read ${file}: ${err.message}`,
    );
  }
};
const cli = path.join(root, 'services/identity/dist/cli.js');
const args = process.argv.slice(2);
const helps = args.length === 0 || args.includes('--help') || args.includes('-h');
const url = helps ? (process.env.NEFOS_IDENTITY_DATABASE_URL ?? 'postgres://unused') : database();
if (!existsSync(cli)) {
  const built = spawnSync(process.execPath, [path.join(root, 'node_modules/typescript7/bin/tsc'), '-b', path.join(root, 'services/identity')], {
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0) say('the build failed');
}
const done = spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit', env: { ...process.env, NEFOS_IDENTITY_DATABASE_URL: url } });
process.exit(done.status ?? 1);
