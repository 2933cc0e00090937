#!/usr/bin/env node
// The operator's command: `npm run nefos -- user create ...`. Finds the database of the running installation and builds what is missing.
import './lib/check-node.cjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const state = path.resolve(root, process.env.NEFOS_START_STATE || '.nefos');
const say = (line) => {
  process.stderr.write(`${line}\n`);
  process.exit(1);
};
const args = process.argv.slice(2);
if (args[0] === 'backup' || args[0] === 'restore') {
  const { run } = await import('./backup/command.mjs');
  await run(args[0], args.slice(1));
  process.exit();
}
/** Whose command it is: compute's shows what is kept everywhere, identity's does everything else. */
const service = ['outbox', 'jobs'].includes(args[0]) ? 'compute' : 'identity';
/** Whose databases it needs: jobs are in two. */
const owners = args[0] === 'jobs' ? ['compute', 'identity'] : [service];
const settingOf = (owner) => `NEFOS_${owner.toUpperCase()}_DATABASE_URL`;
const settings = owners.map(settingOf).join(' and ');
const notRunning = () => say(`Nefos does not run: start it with \`npm start\`, or set ${settings}`);
/** A file of an earlier run stays behind; then nobody listens there. */
const answers = (url) =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 5432), timeout: 5000 });
    const end = (yes) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false));
  });
const fromState = async () => {
  const file = path.join(state, 'runtime.json');
  let runtime;
  try {
    runtime = JSON.parse(readFileSync(file, 'utf8'));
  } catch (err) {
    return err.code === 'ENOENT' ? notRunning() : say(`can not read ${file}: ${err.message}`);
  }
  const known = owners.map((owner) => {
    const key = `${owner}_database_url`;
    return [settingOf(owner), runtime[key] ?? say(`${file} has no ${key}: start Nefos again with \`npm start\``)];
  });
  for (const [, url] of known) if (!(await answers(url))) notRunning();
  return known;
};
const cli = path.join(root, `services/${service}/dist/cli.js`);
const helps = args.length === 0 || args.includes('--help') || args.includes('-h');
// What is set counts alone: an operator who names one database means that one.
const given = owners.map(settingOf).filter((name) => process.env[name] || process.env[`${name}_FILE`]);
const urls = given.length ? [] : helps ? [[settingOf(service), 'postgres://unused']] : await fromState();
if (!existsSync(cli)) {
  const built = spawnSync(process.execPath, [path.join(root, 'node_modules/typescript7/bin/tsc'), '-b', path.join(root, 'services', service)], {
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0) say('the build failed');
}
const done = spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit', env: { ...process.env, ...Object.fromEntries(urls) } });
if (helps && service === 'identity' && args.length < 2)
  console.log('\nBesides: `outbox list|retry`, `jobs list|retry`, `backup`, `restore`; see `nefos outbox --help`.');
process.exit(done.status ?? 1);
