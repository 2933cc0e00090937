#!/usr/bin/env node
// The operator's command: `npm run nefos -- user create ...`. Finds the database of the running installation and builds what is missing.
import './lib/check-node.cjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { settingOf } from './backup/installation.mjs';
import { readSettings } from './lib/file-settings.mjs';
import { install, root, runQuietly } from './lib/prepare.mjs';
import { stateDir } from './lib/state.mjs';

const say = (line) => {
  process.stderr.write(`${line}\n`);
  process.exit(1);
};
const args = process.argv.slice(2);
/** What the command is about, wherever --json stands. `help backup` is `backup --help`. */
const words = args.filter((one) => !one.startsWith('-'));
const topic = words[0] === 'help' ? words[1] : words[0];
const COMPUTES = ['outbox', 'jobs'];
const BACKUPS = ['backup', 'restore'];
const asked = words[0] === 'help' && [...COMPUTES, ...BACKUPS].includes(topic) ? [topic, '--help'] : args;
if (BACKUPS.includes(topic)) {
  const { run } = await import('./backup/command.mjs');
  await run(
    topic,
    asked.filter((one, at) => at !== asked.indexOf(topic)),
  );
  process.exit();
}
/** Whose command it is: compute's shows what is kept everywhere, identity's does everything else. */
const service = COMPUTES.includes(topic) ? 'compute' : 'identity';
/** Whose databases it needs: jobs are in two. */
const owners = topic === 'jobs' ? ['compute', 'identity'] : [service];
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
  const file = path.join(stateDir(process.env), 'runtime.json');
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
  // What is printed leads to where this installation is reached.
  if (!process.env.NEFOS_PUBLIC_URL && !process.env.NEFOS_PUBLIC_URL_FILE && runtime.gateway)
    known.push(['NEFOS_PUBLIC_URL', runtime.gateway]);
  return known;
};
const cli = path.join(root, `services/${service}/dist/cli.js`);
const helps = asked.length === 0 || words[0] === 'help' || asked.includes('--help') || asked.includes('-h');
// What is set counts alone: an operator who names one database means that one.
const given = owners.map(settingOf).filter((name) => process.env[name] || process.env[`${name}_FILE`]);
try {
  for (const [name, url] of Object.entries(readSettings(process.env, given)))
    if (!URL.canParse(url)) say(`${name} is no address such as postgres://user:password@host:5432/name`);
} catch (err) {
  say(err.message);
}
const urls = given.length ? [] : helps ? [[settingOf(service), 'postgres://unused']] : await fromState();
if (!existsSync(cli)) {
  try {
    await install();
    await runQuietly(process.execPath, ['node_modules/typescript7/bin/tsc', '-b', `services/${service}`]);
  } catch (err) {
    say(err.message);
  }
}
const done = spawnSync(process.execPath, [cli, ...asked], {
  stdio: 'inherit',
  env: { ...process.env, ...Object.fromEntries(urls) },
});
if (helps && service === 'identity' && topic === undefined)
  console.log('\nBesides: `outbox list|retry`, `jobs list|retry`, `backup`, `restore`; see `nefos outbox --help`.');
process.exit(done.status ?? 1);
