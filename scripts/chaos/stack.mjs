// @ts-check
// A Nefos of this run's own, started by `npm start`'s program: own state directory, own ports, own PostgreSQL.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../lib/children.mjs';
import { root } from '../lib/prepare.mjs';
import { Trouble } from '../lib/progress.mjs';
import { isAlive, processesOf, signal } from './processes.mjs';

const NAMES = ['GATEWAY', 'IDENTITY', 'COMPUTE', 'METERING', 'INTROSPECTION'];
const isFree = (port) =>
  new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
/**
 * Below the range from which the system gives ports to outgoing connections: one of those could take a dead service's
 * port.
 */
const freePorts = async (wanted) => {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const base = wanted ?? 20_000 + 10 * Math.floor(Math.random() * 900);
    const ports = Array.from({ length: NAMES.length + 1 }, (_, i) => base + i);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
    if (wanted !== undefined)
      throw new Trouble(`ports ${wanted} to ${wanted + NAMES.length} are not all free: choose another --port-base`);
  }
  throw new Trouble('no free ports');
};

export const createStack = async ({ portBase }) => {
  const dir = fs.mkdtempSync(path.join(process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir(), 'nefos-chaos-'));
  fs.chmodSync(dir, 0o755); // the user that PostgreSQL runs as must reach it
  const state = path.join(dir, 'state');
  const log = path.join(dir, 'npm-start.log');
  const [databasePort, ...ports] = (await freePorts(portBase)).reverse();
  ports.reverse();
  const origins = Object.fromEntries(NAMES.map((name, i) => [name.toLowerCase(), `http://127.0.0.1:${ports[i]}`]));
  const processes = processesOf({ state, data: path.join(state, 'postgres/data-18') });
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    NEFOS_START_STATE: state,
    NEFOS_START_DATABASE_PORT: String(databasePort),
    // One address sends everything, refused tokens among it.
    NEFOS_COMPUTE_AUTH_FAILURES: '1000000',
    NEFOS_IDENTITY_ADDRESS_FAILURES: '1000000',
    ...Object.fromEntries(NAMES.map((name, i) => [`NEFOS_${name}_PORT`, String(ports[i])])),
  };
  let child;
  let words = '';

  const stack = {
    dir,
    state,
    log,
    origins,
    processes,
    gateway: origins.gateway,
    credentials: () => JSON.parse(fs.readFileSync(path.join(state, 'credentials.json'), 'utf8')),
    supervisor: () => child?.pid,
    /** `npm start`, until everything answers. @throws Trouble with its own words */
    start: async (seconds = 120) => {
      words = '';
      const own = (child = spawn(process.execPath, ['scripts/start.mjs'], {
        cwd: root,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      }));
      for (const stream of [own.stdout, own.stderr])
        stream.on('data', (part) => {
          words = (words + part).slice(-4000);
          fs.appendFileSync(log, part);
        });
      const ended = new Promise((resolve) => own.once('exit', (code, by) => resolve(by ?? code)));
      for (const end = Date.now() + seconds * 1000; Date.now() < end; await Promise.race([sleep(100), ended])) {
        if (own.exitCode !== null || own.signalCode !== null)
          throw new Trouble(`npm start ended (${own.signalCode ?? own.exitCode}):\n${words.trim()}`);
        if ((await get(`${origins.gateway}/healthz`)).status === 200 && words.includes('ready')) return;
      }
      throw new Trouble(`npm start was not ready within ${seconds} s:\n${words.trim()}`);
    },
    /**
     * SIGTERM, as Ctrl-C of an operator.
     * @returns the exit code or the signal; undefined when it did not end in time
     */
    stop: async (seconds = 60) => {
      const own = child;
      if (!own || own.exitCode !== null || own.signalCode !== null) return own?.exitCode ?? 0;
      const ended = new Promise((resolve) => own.once('exit', (code, by) => resolve(by ?? code)));
      own.kill('SIGTERM');
      return Promise.race([ended, sleep(seconds * 1000)]);
    },
    /** Whatever of this run still lives, ends. */
    clear: async () => {
      for (const { pid } of stack.processes.all()) signal(pid, 'SIGCONT');
      await stack.stop(20);
      for (const { pid, name } of stack.processes.all()) if (name !== 'postgres') signal(pid, 'SIGKILL');
      const postmaster = stack.processes.postmaster();
      if (postmaster !== undefined) signal(postmaster, 'SIGQUIT');
      for (let i = 0; i < 100 && stack.processes.all().length; i += 1) await sleep(50);
      for (const { pid } of stack.processes.all()) signal(pid, 'SIGKILL');
    },
    remove: () => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
    isHealthy: async () => (await get(`${origins.gateway}/healthz`)).status === 200,
    /**
     * Everything is thawed, one supervisor lives, and every service answers.
     * @returns how many seconds that took; undefined: not in time
     */
    healthy: async (seconds) => {
      const since = Date.now();
      for (;;) {
        if (child && isAlive(child.pid) && (await stack.isHealthy())) return (Date.now() - since) / 1000;
        if (Date.now() - since > seconds * 1000) return undefined;
        await sleep(200);
      }
    },
    /** One statement as PostgreSQL's own superuser, on a connection that ends with it. */
    query: async (database, text, values = []) => {
      // Only now: a fresh clone has no packages before the run has installed them.
      const { default: pg } = await import('pg');
      const client = new pg.Client({
        host: '127.0.0.1',
        port: databasePort,
        user: 'postgres',
        database,
        password: fs.readFileSync(path.join(state, 'postgres/password'), 'utf8').trim(),
        connectionTimeoutMillis: 3000,
        query_timeout: 20_000,
        application_name: 'chaos',
      });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query(text, values)).rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
  };
  return stack;
};
