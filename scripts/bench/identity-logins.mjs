// How long a token validation takes while 200 people log in, next to a quiet service: the outliers are what counts.
// Self-contained and bounded: its own throw-away PostgreSQL, one service, loopback only.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { makeDatabases, startLocalPg } from '../local-postgres.mjs';

const SERVICE = path.resolve(import.meta.dirname, '../../services/identity/dist/main.js');
// A dependency of the service, not of these scripts.
const argon2 = createRequire(SERVICE)('argon2');
const PEOPLE = 200;
const SECONDS = 10;
/** Milliseconds: p99 of a validation while 200 log-ins wait. */
const TARGET = 50;
const PASSWORD = 'a right long password';
const email = (n) => `bench${n}@example.com`;
const token = (n) => `bench${String(n).padStart(38, '0')}`;

const seed = async (url) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const hash = await argon2.hash(PASSWORD, {
      type: argon2.argon2id,
      memoryCost: 19_456,
      timeCost: 2,
      parallelism: 1,
    });
    await client.query(
      `insert into account (id, uuid, username, email, first_name, last_name, is_active, email_verified, moderated, default_project, password_hash)
      select 1000000 + n, u, e, e, 'First' || n, 'Last', true, true, true, u, $2
      from (select n, md5('bench' || n)::uuid u, 'bench' || n || '@example.com' e from generate_series(1, $1::int) n) x`,
      [PEOPLE, hash],
    );
    await client.query(
      `insert into token (hash, audit_id, kind, account_id, hint, expires_at) select sha256(convert_to('bench' || lpad(n::text, 38, '0'), 'UTF8')),
      'bench-' || n, 'api', 1000000 + n, 'bench', now() + interval '30 days' from generate_series(1, $1::int) n`,
      [PEOPLE],
    );
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
};

/** One request on a socket of `agent`: its status and milliseconds. */
const request = (agent, port, { method = 'GET', path: at, headers = {}, body }) =>
  new Promise((resolve, reject) => {
    const begun = performance.now();
    const req = http.request({ agent, port, host: '127.0.0.1', method, path: at, headers }, (res) => {
      res.resume();
      res.on('end', () => resolve({ status: res.statusCode, ms: performance.now() - begun }));
    });
    req.on('error', reject);
    req.end(body);
  });
const login = (agent, port, n) => {
  const user = { name: email(n), domain: { id: 'default' }, password: PASSWORD };
  const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } });
  return request(agent, port, {
    method: 'POST',
    path: '/identity/v3/auth/tokens',
    headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
    body,
  });
};
/** Validates one token every few milliseconds for `seconds`; `during` is what else goes on. */
const validate = async (port, seconds) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const taken = [];
  const all = [];
  const end = performance.now() + seconds * 1000;
  for (let i = 0; performance.now() < end; i += 1) {
    const one = request(agent, port, {
      path: '/account/v1.0/authenticate',
      headers: { 'X-Auth-Token': token(1 + (i % PEOPLE)) },
    });
    all.push(one.then(({ status, ms }) => (status === 200 ? taken.push(ms) : taken.push(Infinity))));
    await sleep(5);
  }
  await Promise.all(all);
  agent.destroy();
  taken.sort((a, b) => a - b);
  const at = (part) => taken[Math.min(taken.length - 1, Math.floor(taken.length * part))];
  return { p50: at(0.5), p99: at(0.99), max: at(1), number: taken.length };
};
/** 200 people who log in, each again as soon as he is in, until `stop`. */
const loggingIn = (port) => {
  const agent = new http.Agent({ keepAlive: true });
  let over = false;
  const statuses = {};
  const people = Array.from({ length: PEOPLE }, async (_, i) => {
    while (!over) {
      const { status } = await login(agent, port, i + 1);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status !== 201) await sleep(1000);
    }
  });
  return async () => {
    over = true;
    await Promise.allSettled(people);
    agent.destroy();
    return statuses;
  };
};
const freePort = () =>
  new Promise((resolve) => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
const begin = async (url, cacheSeconds) => {
  const port = await freePort();
  const child = spawn(process.execPath, [SERVICE], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NEFOS_IDENTITY_PORT: String(port),
      NEFOS_IDENTITY_DATABASE_URL: url,
      NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: String(cacheSeconds),
      NEFOS_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const agent = new http.Agent();
  for (let i = 0; i < 300; i += 1) {
    const up = await request(agent, port, { path: '/readyz' }).catch(() => undefined);
    if (up?.status === 200) return { port, child };
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error('identity does not start');
};

/** @returns {Promise<{name: string, value: string, target: string, ok: boolean, detail: string}[]>} */
export async function run() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-bench-logins-'));
  chmodSync(dir, 0o755);
  const server = await startLocalPg({ dir, ephemeral: true });
  const results = [];
  try {
    const url = (await makeDatabases(server, { identity: 'bench' })).identity;
    let seeded = false;
    for (const [from, cacheSeconds] of [
      ['cache', 5],
      ['database', 0],
    ]) {
      const { port, child } = await begin(url, cacheSeconds);
      try {
        if (!seeded) await seed(url);
        seeded = true;
        await validate(port, 1);
        const quiet = await validate(port, 3);
        const stop = loggingIn(port);
        await sleep(500);
        const busy = await validate(port, SECONDS);
        const statuses = await stop();
        const ms = ({ p50, p99, max }) => `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, longest ${max.toFixed(0)} ms`;
        results.push({
          name: `identity: validation from the ${from} while 200 log-ins wait, p99`,
          value: `${busy.p99.toFixed(1)} ms`,
          target: `${TARGET} ms`,
          ok: busy.p99 <= TARGET,
          detail: `${ms(busy)}; quiet ${ms(quiet)}; log-ins by status ${JSON.stringify(statuses)}`,
        });
      } finally {
        child.kill('SIGTERM');
        await new Promise((resolve) => {
          child.once('exit', resolve);
        });
      }
    }
    return results;
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
if (process.argv[1] === import.meta.filename)
  for (const one of await run())
    console.log(`${one.ok ? 'ok    ' : 'missed'} ${one.name}: ${one.value} (target ${one.target})  ${one.detail}`);
