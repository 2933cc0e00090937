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
const args = process.argv.slice(2);
/** Whose command it is: what waits and what failed is compute's, everything else identity's. */
const service = ['outbox', 'jobs'].includes(args[0]) ? 'compute' : 'identity';
const setting = `NEFOS_${service.toUpperCase()}_DATABASE_URL`;
const database = () => {
  if (process.env[setting]) return process.env[setting];
  const file = path.join(state, 'runtime.json');
  const key = `${service}_database_url`;
  try {
    return JSON.parse(readFileSync(file, 'utf8'))[key] ?? say(`${file} has no ${key}: start Nefos again with \`npm start\``);
  } catch (err) {
    return say(err.code === 'ENOENT' ? `Nefos does not run: start it with \`npm start\`, or set ${setting}` : `can not read ${file}: ${err.message}`);
  }
};
const cli = path.join(root, `services/${service}/dist/cli.js`);
const helps = args.length === 0 || args.includes('--help') || args.includes('-h');
const url = helps ? (process.env[setting] ?? 'postgres://unused') : database();
if (!existsSync(cli)) {
  const built = spawnSync(process.execPath, [path.join(root, 'node_modules/typescript7/bin/tsc'), '-b', path.join(root, 'services', service)], {
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0) say('the build failed');
}
const done = spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit', env: { ...process.env, [setting]: url } });
if (helps && service === 'identity' && args.length < 2) console.log('\nOf compute: `outbox list|retry`, `jobs list|retry`; see `nefos outbox --help`.');
process.exit(done.status ?? 1);
