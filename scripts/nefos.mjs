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
const MACHINES = ['node'];
const BACKUPS = ['backup', 'restore'];
const known = [...COMPUTES, ...IDENTITYS, ...MACHINES, ...BACKUPS];
if (topic !== undefined && !known.includes(topic))
  fail(`there is no command ${topic}: there are ${known.sort().join(', ')}; see \`npm run nefos -- help\``);
const asked = words[0] === 'help' && [...COMPUTES, ...MACHINES, ...BACKUPS].includes(topic) ? [topic, '--help'] : args;
if (BACKUPS.includes(topic)) {
  const { run } = await import('./backup/command.mjs');
  await run(
    topic,
    asked.filter((_, at) => at !== asked.indexOf(topic)),
  );
  process.exit();
}
/**
 * The service whose command runs: compute's for the cloud, jobs and the outbox; introspection's for machines;
 * identity's for people and services.
 */
const service = COMPUTES.includes(topic) ? 'compute' : MACHINES.includes(topic) ? 'introspection' : 'identity';
/** Both have secrets of their own, and each does its part. A new key is for both. */
const sealing = topic === 'secrets' && ['status', 'rotate'].includes(words[1] ?? '');
/** The services whose databases it needs: jobs are in three. */
const owners =
  topic === 'jobs' ? ['compute', 'identity', 'introspection'] : sealing ? ['compute', 'introspection'] : [service];
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
// A database that the operator names is used, and no other.
const given = owners.map(settingOf).filter((name) => process.env[name] || process.env[`${name}_FILE`]);
/** Help on nothing in particular is that of all services. Secrets are those of the databases that are known. */
const services =
  helps && topic === undefined
    ? ['identity', 'compute', 'introspection']
    : sealing && !helps
      ? owners.filter((one) => !given.length || given.includes(settingOf(one)))
      : [service];
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
/** Rows of several commands are one document. @type {object[]} */
const rows = [];
const isOne = sealing && !helps && asked.includes('--json');
for (const one of services) {
  const done = spawnSync(process.execPath, [cliOf(one), ...asked], {
    stdio: ['inherit', isOne ? 'pipe' : 'inherit', 'inherit'],
    env: { ...process.env, ...Object.fromEntries(urls) },
  });
  if (isOne && done.status === 0) rows.push(...JSON.parse(done.stdout.toString()));
  status ||= done.status ?? 1;
}
if (isOne && !status) console.log(JSON.stringify(rows, null, 2));
if (helps && topic === undefined)
  console.log('\nBesides: `backup <file>`, `restore <file>`. Help on one: `npm run nefos -- help flavor`.');
process.exit(status);
