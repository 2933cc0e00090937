#!/usr/bin/env node
// @ts-check
// The operator's command: `npm run nefos -- user create ...`. Finds the database of the running installation and builds
// what is missing.
import './lib/check-node.cjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { settingOf } from './backup/installation.mjs';
import { readSettings } from './lib/file-settings.mjs';
import { install, root, runQuietly } from './lib/prepare.mjs';
import { imageDir, secretKeysFile, stateDir } from './lib/state.mjs';

/** Says what is wrong, and ends. @param {string} line @returns {never} */
const fail = (line) => {
  process.stderr.write(`${line}\n`);
  process.exit(1);
};
const args = process.argv.slice(2);
/** The words of the command, wherever --json stands. `help backup` is `backup --help`. */
const words = args.filter((one) => !one.startsWith('-'));
const topic = words[0] === 'help' ? words[1] : words[0];
const COMPUTES = [
  ...['region', 'flavorgroup', 'flavor', 'image', 'network', 'subnet'],
  ...['port', 'floatingip', 'securitygroup', 'router', 'volume'],
  ...['client', 'instance', 'operation', 'quota', 'outbox', 'jobs', 'secrets'],
];
const IDENTITYS = ['user', 'component', 'service', 'endpoint', 'terms', 'audit'];
const BACKUPS = ['backup', 'restore'];
const known = [...COMPUTES, ...IDENTITYS, ...BACKUPS];
if (topic !== undefined && !known.includes(topic))
  fail(`there is no command ${topic}: there are ${known.sort().join(', ')}; see \`npm run nefos -- help\``);
const asked = words[0] === 'help' && [...COMPUTES, ...BACKUPS].includes(topic) ? [topic, '--help'] : args;
if (BACKUPS.includes(topic)) {
  const { run } = await import('./backup/command.mjs');
  await run(
    topic,
    asked.filter((_, at) => at !== asked.indexOf(topic)),
  );
  process.exit();
}
/** The service whose command runs: compute's for the cloud, jobs and the outbox; identity's for people and services. */
const service = COMPUTES.includes(topic) ? 'compute' : 'identity';
/** The services whose databases it needs: jobs are in two. */
const owners = topic === 'jobs' ? ['compute', 'identity'] : [service];
const settings = owners.map(settingOf).join(' and ');
const notRunning = () =>
  fail(
    `Nefos does not run: start it with \`npm start\`, or set ${settings}; ` +
      'NEFOS_START_STATE, when it was started with that',
  );
/** Whether anybody listens there: the file may be of an earlier run. @param {string} url @returns {Promise<boolean>} */
const answers = (url) =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 5432), timeout: 5000 });
    const end = (/** @type {boolean} */ yes) => () => {
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
    return err.code === 'ENOENT' ? notRunning() : fail(`can not read ${file}: ${err.message}`);
  }
  const urlsOf = owners.map((owner) => {
    const key = `${owner}_database_url`;
    return [settingOf(owner), runtime[key] ?? fail(`${file} has no ${key}: start Nefos again with \`npm start\``)];
  });
  for (const [, url] of urlsOf) if (!(await answers(url))) notRunning();
  // Addresses in the output are those at which this installation is reached.
  if (!process.env.NEFOS_PUBLIC_URL && !process.env.NEFOS_PUBLIC_URL_FILE && runtime.gateway)
    urlsOf.push(['NEFOS_PUBLIC_URL', runtime.gateway]);
  const keys = secretKeysFile(stateDir(process.env));
  if (!process.env.NEFOS_SECRET_KEYS && !process.env.NEFOS_SECRET_KEYS_FILE && existsSync(keys))
    urlsOf.push(['NEFOS_SECRET_KEYS_FILE', keys]);
  if (!process.env.NEFOS_COMPUTE_IMAGE_DIR) urlsOf.push(['NEFOS_COMPUTE_IMAGE_DIR', imageDir(stateDir(process.env))]);
  return urlsOf;
};
const helps = asked.length === 0 || words[0] === 'help' || asked.includes('--help') || asked.includes('-h');
/** @param {string} one */
const cliOf = (one) => path.join(root, `services/${one}/dist/cli.js`);
/** Help on nothing in particular is that of both services. */
const services = helps && topic === undefined ? ['identity', 'compute'] : [service];
// A database that the operator names is used, and no other.
const given = owners.map(settingOf).filter((name) => process.env[name] || process.env[`${name}_FILE`]);
try {
  for (const [name, url] of Object.entries(readSettings(process.env, given)))
    if (!URL.canParse(url)) fail(`${name} is no address such as postgres://user:password@host:5432/name`);
} catch (err) {
  fail(err.message);
}
const unused = services.map((one) => [settingOf(one), 'postgres://unused']);
/** A new key needs no database. */
const needsNone = helps || (topic === 'secrets' && words[1] === 'key');
const urls = given.length ? [] : needsNone ? unused : await fromState();
if (!services.every((one) => existsSync(cliOf(one)))) {
  try {
    await install();
    for (const one of services)
      await runQuietly(process.execPath, ['node_modules/typescript7/bin/tsc', '-b', `services/${one}`]);
  } catch (err) {
    fail(err.message);
  }
}
let status = 0;
for (const one of services) {
  const done = spawnSync(process.execPath, [cliOf(one), ...asked], {
    stdio: 'inherit',
    env: { ...process.env, ...Object.fromEntries(urls) },
  });
  status ||= done.status ?? 1;
}
if (helps && topic === undefined)
  console.log('\nBesides: `backup <file>`, `restore <file>`. Help on one: `npm run nefos -- help flavor`.');
process.exit(status);
