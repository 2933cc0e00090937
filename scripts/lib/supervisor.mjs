// @ts-check
// Starts everything of one installation in order, and stops it in the reverse order. `npm start` and `npm run dev` use
// it.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { announce } from './announce.mjs';
import { startChild } from './children.mjs';
import { checkDatabase, openDatabases, refuseOthersData } from './database.mjs';
import { checkSettings, environment, origin } from './environment.mjs';
import { endFormerServices, hasFormerServices } from './former-services.mjs';
import { openLog } from './logs.mjs';
import { build, install } from './prepare.mjs';
import { bold, dim, red, step, Trouble } from './progress.mjs';
import { checkFixture, logSettings, ownEnvironment, readOwnSettings } from './settings.mjs';
import {
  fixtureOf,
  lock,
  makeSecretKeys,
  openState,
  portsFree,
  SERVICES,
  stateDir,
  writeSecret,
  writeState,
} from './state.mjs';

const PORTS = { gateway: 8080, identity: 8081, compute: 8082, metering: 8083, introspection: 8084 };

/** @typedef {() => unknown} Undo */
/** @typedef {ReturnType<typeof startChild>} Child */

/** Undone in reverse order when the process leaves. @type {Undo[]} */
const undo = [];
/** @type {Child[]} */
const children = [];
/** @type {Promise<void> | undefined} */
let leaving;

/** @param {Undo} one */
export const onLeave = (one) => {
  undo.push(one);
};
/** Stops everything that was started, then ends the process. @param {number} code exit code */
export const leave = (code) =>
  (leaving ??= (async () => {
    // In a terminal Ctrl-C reaches every process: a child that ends from now on is not restarted.
    for (const child of children) child.leaving();
    for (const one of undo.reverse())
      await Promise.resolve(one()).catch((/** @type {Error} */ err) => console.error(red(err.message)));
    process.exit(code);
  })());

/** Whether the message alone tells the operator enough; an error of the file system has the file's name in it. */
const isPlain = (/** @type {any} */ err) =>
  err instanceof Trouble ||
  err?.name === 'ConfigError' ||
  (typeof err?.path === 'string' && /^E[A-Z]+$/.test(err.code));
/** @param {any} err */
export const fail = (err) => {
  console.error(`\n${red(isPlain(err) ? err.message : (err?.stack ?? String(err)))}`);
  return leave(1);
};
/** A line with the time of day. @param {string} line */
export const say = (line) => console.log(`${dim(new Date().toISOString().slice(11, 19))} ${line}`);

const leaveOnSignals = () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (!leaving) console.log(`\n${dim('stopping …')}`);
      void leave(0);
    });
  process.on('uncaughtException', (err) => {
    void fail(err);
  });
  process.on('unhandledRejection', (err) => {
    void fail(err);
  });
};

/** Where each process listens. @param {import('./environment.mjs').Env} env */
const hosts = (env) => (/** @type {string} */ name) =>
  (name === 'gateway' ? env.NEFOS_HOST : env.NEFOS_SERVICES_HOST) || '127.0.0.1';

/**
 * @param {{ dir: string, url: string | undefined, moved: boolean | undefined, ports: Record<string, number>,
 *   hostOf: (name: string) => string }} checked
 */
const claimState = async ({ dir, url, moved, ports, hostOf }) => {
  const { unlock, takenOver } = lock(dir);
  undo.push(unlock);
  checkDatabase({ dir, url, moved });
  if (takenOver || hasFormerServices(dir))
    await step('services of the former supervisor', () => endFormerServices(dir));
  const wanted = Object.entries(ports).map(([name, port]) => ({
    name,
    port,
    host: hostOf(name),
    setting: `NEFOS_${name.toUpperCase()}_PORT`,
  }));
  await step('ports', () => portsFree(wanted, { takenOver }));
};

/**
 * Starts database, services and gateway. Ends the process when that fails, or by a signal.
 * @param {ReturnType<typeof import('./settings.mjs').readOptions>} options
 * @param {{ gaveUp?: (err: Error) => unknown }} [hooks] `gaveUp`: a service dies again and again; without it everything
 *   is stopped
 * @returns {Promise<Child[]>} the services and the gateway, all ready
 */
export const startNefos = async (options, { gaveUp = fail } = {}) => {
  const started = performance.now();
  const env = ownEnvironment(process.env);
  const ports = readOwnSettings(env, PORTS);
  const hostOf = hosts(env);
  const publicUrl = env.NEFOS_PUBLIC_URL || origin(env.NEFOS_HOST, ports.gateway);
  const moved = options['database-moved'];
  const url = env.NEFOS_DATABASE_URL;
  if (moved && !url)
    throw new Trouble('--database-moved: NEFOS_DATABASE_URL is not set; it names the database at its new address');
  const dir = stateDir(env);
  leaveOnSignals();
  console.log(bold('Nefos'));
  await claimState({ dir, url, moved, ports, hostOf });
  await step('dependencies', install);
  await step('build', build);
  const { isLoopback } = await import('@nefos/service-kit');
  const loopback = Object.keys(ports).every((name) => isLoopback(hostOf(name)));
  checkFixture({ wanted: options.fixture, made: fixtureOf(dir), env, loopback, dir });
  await refuseOthersData({ dir, url, moved });
  const state = openState(dir, { fixture: options.fixture, gateway: publicUrl });
  const known = { env, state, dir, ports, publicUrl };
  await step('settings', () => checkSettings(known));
  const urls = await openDatabase(known);
  /** @param {string} name @param {string} path the path that answers 200 when it is ready */
  const start = (name, path) =>
    startService(name, { known: { ...known, urls }, gaveUp, url: `${origin(hostOf(name), ports[name])}${path}` });
  const services = SERVICES.map((name) => start(name, '/readyz'));
  for (const { child, ready } of services) await step(child.name, ready);
  const gateway = start('gateway', '/healthz');
  await step('gateway', gateway.ready);
  const { toStdout } = logSettings(env);
  announce({ state, publicUrl, dir, toStdout, seconds: (performance.now() - started) / 1000 });
  return children;
};

/** Opens the databases, and writes down what was decided. @param {import('./environment.mjs').Known} known */
const openDatabase = async ({ env, state, dir, ports, publicUrl }) => {
  /** @type {Record<string, string>} */
  const urls = {};
  await step('database', async () => {
    const opened = await openDatabases({ dir, env, passwords: state.databasePasswords, say });
    undo.push(opened.stop);
    Object.assign(urls, opened.urls);
    // Not before: a start that fails decides nothing, neither who exists nor whose database it is.
    writeState(dir, { ...state, database: opened.database });
    makeSecretKeys(dir);
    return opened.where;
  });
  writeSecret(path.join(dir, 'runtime.json'), {
    pid: process.pid,
    ports,
    gateway: publicUrl,
    ...Object.fromEntries(SERVICES.map((name) => [`${name}_database_url`, urls[name]])),
  });
  return urls;
};

/**
 * @param {string} name
 * @param {{ known: import('./environment.mjs').Known & { urls: Record<string, string> }, url: string,
 *   gaveUp: (err: Error) => unknown }} options
 */
const startService = (name, { known, url, gaveUp }) => {
  const logDir = path.join(known.dir, 'logs');
  mkdirSync(logDir, { recursive: true });
  const log = openLog({ file: path.join(logDir, `${name}.log`), ...logSettings(known.env), say });
  const child = startChild({ name, env: environment(name, known), dir: known.dir, log, say, gaveUp });
  undo.push(() => child.stop());
  children.push(child);
  return { child, ready: () => child.ready(url) };
};
