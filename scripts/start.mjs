#!/usr/bin/env node
// npm start: from a fresh clone to a running Nefos. Plain JavaScript: it runs before anything is installed or built.
import './lib/check-node.cjs';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startChild } from './lib/children.mjs';
import { endFormerServices, hasFormerServices } from './lib/former-services.mjs';
import { openLog } from './lib/logs.mjs';
import { build, install, root } from './lib/prepare.mjs';
import { bold, dim, red, step, table, Trouble } from './lib/progress.mjs';
import { checkDatabase, openDatabases, refuseOthersData } from './lib/database.mjs';
import { checkFixture, logSettings, ownEnvironment, readOptions, readOwnSettings } from './lib/settings.mjs';
import { fixtureOf, lock, openState, portsFree, SERVICES, stateDir, writeSecret, writeState } from './lib/state.mjs';

const PORTS = { gateway: 8080, identity: 8081, compute: 8082, metering: 8083 };
const HELP = `npm start [-- --fixture demo|none]

  --fixture demo   the seed documents' own data and well-known credentials, loopback only (default)
  --fixture none   an empty installation with random credentials, in .nefos/credentials.json
  --database-moved NEFOS_DATABASE_URL names the same database as before, at a new address;
                   or the state directory is a new one, in place of one that is lost

Settings are NEFOS_* environment variables: docs/configuration.md.`;

const undo = [];
const children = [];
let leaving;
/** Undoes in reverse order whatever has been started. */
const leave = (code) =>
  (leaving ??= (async () => {
    // In a terminal Ctrl-C reaches them all at once: none that ends now is to be started again.
    for (const child of children) child.leaving();
    for (const one of undo.reverse()) await Promise.resolve(one()).catch((err) => console.error(red(err.message)));
    process.exit(code);
  })());
/** For people: a file that can not be read or written is one of those, and has its name in the message. */
const isPlain = (err) =>
  err instanceof Trouble ||
  err?.name === 'ConfigError' ||
  (typeof err?.path === 'string' && /^E[A-Z]+$/.test(err.code));
const fail = (err) => {
  console.error(`\n${red(isPlain(err) ? err.message : (err?.stack ?? String(err)))}`);
  return leave(1);
};

/** Where a server answers that listens on `host`, from this machine. */
const origin = (host = '127.0.0.1', port) => {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
};
/** The environment of one service: what the operator set, and what only the supervisor knows. */
const environment = (name, { env, state, dir, ports, urls, publicUrl }) => ({
  ...Object.fromEntries(
    Object.entries(env).filter(([key]) => !key.startsWith('NEFOS_START_') && key !== 'NEFOS_DATABASE_URL'),
  ),
  NEFOS_PUBLIC_URL: publicUrl,
  NEFOS_FIXTURE: state.fixture,
  NEFOS_BOOTSTRAP_FILE: path.join(dir, 'bootstrap.json'),
  ...Object.fromEntries(Object.entries(ports).map(([key, port]) => [`NEFOS_${key.toUpperCase()}_PORT`, String(port)])),
  ...Object.fromEntries(
    SERVICES.map((key) => [
      `NEFOS_${key.toUpperCase()}_URL`,
      env[`NEFOS_${key.toUpperCase()}_URL`] || origin(env.NEFOS_SERVICES_HOST, ports[key]),
    ]),
  ),
  ...(urls[name] && { [`NEFOS_${name.toUpperCase()}_DATABASE_URL`]: urls[name] }),
  ...(state.components[name] && { [`NEFOS_${name.toUpperCase()}_TOKEN`]: state.components[name] }),
});

/** Every fault of every service's settings, at once and before anything runs. */
const checkSettings = async (environments) => {
  const faults = new Set();
  for (const [name, env] of Object.entries(environments)) {
    const module = await import(path.join(root, 'services', name, 'dist/config.js'));
    const read = Object.entries(module).find(([key]) => /^read\w*Config$/.test(key))?.[1];
    try {
      read(env);
    } catch (err) {
      if (err.name !== 'ConfigError') throw err;
      for (const fault of err.faults) faults.add(fault);
    }
  }
  if (faults.size) throw new Trouble(`the settings do not hold:\n${[...faults].map((f) => `  - ${f}`).join('\n')}`);
};

const main = async () => {
  const options = readOptions(HELP);
  if (options.help) {
    console.log(HELP);
    return;
  }
  const env = ownEnvironment(process.env);
  const ports = readOwnSettings(env, PORTS);
  const hostOf = (name) => (name === 'gateway' ? env.NEFOS_HOST : env.NEFOS_SERVICES_HOST) || '127.0.0.1';
  const publicUrl = env.NEFOS_PUBLIC_URL || origin(env.NEFOS_HOST, ports.gateway);
  if (options['database-moved'] && !env.NEFOS_DATABASE_URL)
    throw new Trouble('--database-moved: NEFOS_DATABASE_URL is not set; it names the database at its new address');
  const dir = stateDir(env);
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
  const say = (line) => console.log(`${dim(new Date().toISOString().slice(11, 19))} ${line}`);

  console.log(bold('Nefos'));
  const started = performance.now();
  const { unlock, takenOver } = lock(dir);
  undo.push(unlock);
  checkDatabase({ dir, url: env.NEFOS_DATABASE_URL, moved: options['database-moved'] });
  if (takenOver || hasFormerServices(dir))
    await step('services of the former supervisor', () => endFormerServices(dir));
  await step('ports', () =>
    portsFree(
      Object.entries(ports).map(([name, port]) => ({
        name,
        port,
        host: hostOf(name),
        setting: `NEFOS_${name.toUpperCase()}_PORT`,
      })),
      { takenOver },
    ),
  );
  await step('dependencies', install);
  await step('build', build);
  const { isLoopback } = await import('@nefos/service-kit');
  checkFixture({
    wanted: options.fixture,
    made: fixtureOf(dir),
    env,
    loopback: Object.keys(ports).every((name) => isLoopback(hostOf(name))),
    dir,
  });
  await refuseOthersData({ dir, url: env.NEFOS_DATABASE_URL, moved: options['database-moved'] });
  const state = openState(dir, { fixture: options.fixture, gateway: publicUrl });
  const known = { env, state, dir, ports, publicUrl };
  await step('settings', () =>
    checkSettings(
      Object.fromEntries(
        [...SERVICES, 'gateway'].map((name) => [
          name,
          environment(name, { ...known, urls: Object.fromEntries(SERVICES.map((s) => [s, 'postgres://localhost/x'])) }),
        ]),
      ),
    ),
  );
  const urls = {};
  await step('database', async () => {
    const opened = await openDatabases({ dir, env, passwords: state.databasePasswords, say });
    undo.push(opened.stop);
    Object.assign(urls, opened.urls);
    // Not before: a start that fails decides nothing, neither who exists nor whose database it is.
    writeState(dir, { ...state, database: opened.database });
    return opened.where;
  });
  writeSecret(path.join(dir, 'runtime.json'), {
    pid: process.pid,
    ports,
    gateway: publicUrl,
    ...Object.fromEntries(SERVICES.map((name) => [`${name}_database_url`, urls[name]])),
  });
  const logDir = path.join(dir, 'logs');
  mkdirSync(logDir, { recursive: true });
  const running = (name) => {
    const log = openLog({ file: path.join(logDir, `${name}.log`), ...logSettings(env), say });
    const child = startChild({ name, env: environment(name, { ...known, urls }), dir, log, say, gaveUp: fail });
    undo.push(() => child.stop());
    children.push(child);
    return child;
  };
  for (const child of SERVICES.map(running))
    await step(`${child.name}`, () => child.ready(`${origin(hostOf(child.name), ports[child.name])}/readyz`));
  const gateway = running('gateway');
  await step('gateway', () => gateway.ready(`${origin(hostOf('gateway'), ports.gateway)}/healthz`));
  announce({
    state,
    publicUrl,
    dir,
    toStdout: logSettings(env).toStdout,
    seconds: (performance.now() - started) / 1000,
  });
};

/** As one types it: from here where it lies below, else as a whole. */
const shown = (file) => {
  const near = path.relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
};
const announce = ({ state: { credentials, fixture }, publicUrl, dir, toStdout, seconds }) => {
  const { identity, compute, metering } = credentials;
  const file = shown(path.join(dir, 'credentials.json'));
  console.log(
    `\n${bold('ready')} ${dim(`in ${seconds.toFixed(1)} s, fixture "${fixture}", logs ${toStdout ? 'on standard output' : `in ${shown(path.join(dir, 'logs'))}/`}`)}\n`,
  );
  console.log(
    table([
      ['service', 'API', 'address'],
      ['gateway', 'one origin for all', `${publicUrl}/`],
      ['identity', 'Astakos, OpenStack Identity v2.0 and v3', `${publicUrl}/identity/`],
      ['compute', 'Fleio /staffapi and /api', `${publicUrl}/staffapi`],
      ['metering', 'cloudigrade v2', `${publicUrl}/v2/`],
    ]),
  );
  const people = [
    ['who', 'name', 'password or token'],
    ['administrator', identity.admin.email, fixture === 'demo' ? identity.admin.password : `in ${file}`],
  ];
  if (identity.user) people.push(['user', identity.user.email, identity.user.password]);
  people.push(['portal staff', compute.staff.username, fixture === 'demo' ? compute.staff.token : `in ${file}`]);
  if (compute.user) people.push(['portal end user', compute.user.username, compute.user.token]);
  if (metering.account_number) people.push(['metering', `account ${metering.account_number}`, 'header X-RH-IDENTITY']);
  console.log(`\n${table(people)}\n`);
  const token = fixture === 'demo' ? compute.staff.token : '<token>';
  const rh = Buffer.from(
    JSON.stringify({ identity: { account_number: metering.account_number ?? metering.superuser_account_number } }),
  ).toString('base64');
  console.log(`${bold('try')}
  ${fixture === 'demo' ? 'npm run demo' : 'npm run nefos -- user list'}
  curl -s ${publicUrl}/staffapi/clients -H 'Authorization: Token ${token}'
  curl -s '${publicUrl}/v2/concurrent/?start_date=2019-07-11' -H 'X-RH-IDENTITY: ${rh}'
\n${dim(`All credentials: ${file}. Ctrl-C stops everything.`)}`);
};

main().catch(fail);
