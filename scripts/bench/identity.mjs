// How fast identity validates tokens, next to a bare node:http server and a plain Express one that answer with the same number of bytes.
// Self-contained and bounded: its own throw-away PostgreSQL, 100,000 users, 200,000 tokens of which 1,000 are asked for, loopback only.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { makeDatabases, startLocalPg } from '../local-postgres.mjs';

const ROUNDS = 3;
const SECONDS = 2.5;
const CONNECTIONS = 64;
const USERS = 100_000;
const TOKENS = 200_000;
const HOT = 1000;
const SERVICE = path.resolve(import.meta.dirname, '../../services/identity/dist/main.js');
const token = (n) => `bench${String(n).padStart(38, '0')}`;
const COMPONENT = 'bench-component-token-0000000000000000000000';
const hotTokens = Array.from({ length: HOT }, (_, i) => token(1 + i * Math.floor(TOKENS / HOT)));

/** A server that answers everything with `size` bytes. */
const hello = async (kind, size) => {
  const body = 'x'.repeat(size);
  const { default: express } = await import('express');
  const listener =
    kind === 'bare'
      ? (req, res) => {
          req.resume();
          res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': size });
          res.end(body);
        }
      : express().all('/{*any}', (req, res) => {
          req.resume();
          res.type('json').send(body);
        });
  const server = http
    .createServer({ keepAliveTimeout: 76_000 }, listener)
    .listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('disconnect', () => process.exit(0));
};
/** Sends the same requests over and over on `CONNECTIONS` sockets, one at a time on each, and counts whole answers. */
const load = ({ port, requests, seconds }) =>
  new Promise((resolve, reject) => {
    const messages = requests.map((text) => Buffer.from(text));
    let next = 0;
    let done = 0;
    let over = false;
    const started = process.hrtime.bigint();
    const sockets = Array.from({ length: CONNECTIONS }, () => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      let got = '';
      let need = -1;
      const send = () => {
        socket.write(messages[(next = (next + 1) % messages.length)]);
      };
      socket.setEncoding('latin1');
      socket.on('connect', send);
      socket.on('error', (err) => {
        if (!over) reject(err);
      });
      socket.on('data', (text) => {
        got = got ? got + text : text;
        if (need < 0) {
          const end = got.indexOf('\r\n\r\n');
          if (end < 0) return;
          if (!got.startsWith('HTTP/1.1 200')) {
            reject(new Error(`not 200: ${got.slice(0, 300)}`));
            return;
          }
          need = end + 4 + Number(/content-length: (\d+)/i.exec(got)[1]);
        }
        if (got.length < need) return;
        got = '';
        need = -1;
        done += 1;
        if (!over) send();
      });
      return socket;
    });
    setTimeout(() => {
      over = true;
      const elapsed = Number(process.hrtime.bigint() - started) / 1e9;
      for (const s of sockets) s.destroy();
      resolve(done / elapsed);
    }, seconds * 1000);
  });

if (process.argv[2] === 'hello') await hello(process.argv[3], Number(process.argv[4]));
if (process.argv[2] === 'load') {
  process.on('message', (job) => {
    load(job).then(
      (rps) => process.send({ rps }),
      (err) => process.send({ error: err.message }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ ready: true });
}

const child = (args, env = {}) =>
  new Promise((resolve, reject) => {
    const one = spawn(process.execPath, args, {
      env: { ...process.env, NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    one.once('message', (said) => resolve({ process: one, said }));
    one.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
  });
const ask = (client, job) =>
  new Promise((resolve, reject) => {
    client.once('message', ({ rps, error }) => (error ? reject(new Error(error)) : resolve(rps)));
    client.send(job);
  });
/** CPU seconds that a process has used. */
const cpuOf = (pid) => {
  try {
    const parts = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(parts[11]) + Number(parts[12])) / 100;
  } catch {
    return NaN;
  }
};
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

const seed = async (url) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `insert into account (id, uuid, username, email, first_name, last_name, is_active, email_verified, moderated, default_project)
      select 1000000 + n, u, 'bench' || n || '@example.com', 'bench' || n || '@example.com', 'First' || n, 'Last', true, true, true, u from (select n, md5('bench' || n)::uuid u from generate_series(1, $1::int) n) x`,
      [USERS],
    );
    await client.query(
      'insert into group_member (account_id, group_id) select 1000000 + n, 1 from generate_series(1, $1::int) n',
      [USERS],
    );
    await client.query(
      `insert into token (hash, audit_id, kind, account_id, hint, expires_at) select sha256(convert_to('bench' || lpad(n::text, 38, '0'), 'UTF8')), 'bench-' || n, 'api', 1000001 + n % $2::int, 'bench', now() + interval '30 days' from generate_series(1, $1::int) n`,
      [TOKENS, USERS],
    );
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
};
const get = (url, headers) =>
  fetch(url, { headers }).then(async (res) => {
    if (!res.ok) throw new Error(`${url}: ${res.status}`);
    return Buffer.byteLength(await res.text());
  });

/** @returns {Promise<{name: string, ratio: number, target: number, ok: boolean, detail: string}[]>} */
export async function run() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-bench-identity-'));
  chmodSync(dir, 0o755);
  const server = await startLocalPg({ dir, ephemeral: true });
  const children = [];
  const begin = async (...args) => {
    const made = await child(...args);
    children.push(made.process);
    return made;
  };
  try {
    const url = (await makeDatabases(server, { identity: 'bench' })).identity;
    const principals = path.join(dir, 'bootstrap.json');
    writeFileSync(
      principals,
      JSON.stringify({ identity: { components: [{ name: 'bench', url: '/', token: COMPONENT }] } }),
    );
    const service = async (cacheSeconds) => {
      const port = await new Promise((resolve) => {
        const s = net.createServer().listen(0, '127.0.0.1', () => {
          const { port: free } = s.address();
          s.close(() => resolve(free));
        });
      });
      const {
        process: { pid },
      } = await begin([SERVICE], {
        NEFOS_IDENTITY_PORT: String(port),
        NEFOS_IDENTITY_DATABASE_URL: url,
        NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: String(cacheSeconds),
        NEFOS_BOOTSTRAP_FILE: principals,
        NEFOS_LOG_LEVEL: 'warn',
        NEFOS_FIXTURE: 'demo',
      });
      return { port, pid };
    };
    const cached = await service(5);
    await seed(url);
    const fresh = await service(0);
    const sizeOf = {
      authenticate: await get(`http://127.0.0.1:${cached.port}/account/v1.0/authenticate`, {
        'X-Auth-Token': hotTokens[0],
      }),
      access: await get(`http://127.0.0.1:${cached.port}/identity/v2.0/tokens/${hotTokens[0]}`, {
        'X-Auth-Token': COMPONENT,
      }),
    };
    const hellos = {};
    for (const kind of ['bare', 'express'])
      for (const [name, size] of Object.entries(sizeOf)) {
        const made = await begin([import.meta.filename, 'hello', kind, String(size)]);
        hellos[`${kind} ${name}`] = { port: made.said.port, pid: made.process.pid };
      }
    const { process: client } = await begin([import.meta.filename, 'load']);

    const head = 'Host: 127.0.0.1\r\nAccept: application/json\r\n';
    const requests = {
      'GET authenticate': hotTokens.map(
        (t) => `GET /account/v1.0/authenticate HTTP/1.1\r\n${head}X-Auth-Token: ${t}\r\n\r\n`,
      ),
      'GET tokens/{id}': hotTokens.map(
        (t) => `GET /identity/v2.0/tokens/${t} HTTP/1.1\r\n${head}X-Auth-Token: ${COMPONENT}\r\n\r\n`,
      ),
      'POST tokens': hotTokens.map((t) => {
        const body = JSON.stringify({ auth: { token: { id: t } } });
        return `POST /identity/v2.0/tokens HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      }),
    };
    const measure = async ({ port, pid }, what) => {
      const before = cpuOf(pid);
      const rps = await ask(client, { port, requests: requests[what], seconds: SECONDS });
      return { rps, cpu: (cpuOf(pid) - before) / (rps * SECONDS) };
    };
    const cases = Object.keys(requests).flatMap((what) => [
      [what, 'cache', cached],
      [what, 'database', fresh],
    ]);
    const seen = new Map();
    const note = (key, one) => {
      seen.set(key, [...(seen.get(key) ?? []), one]);
    };
    const bodyOf = (what) => (what === 'GET authenticate' ? 'authenticate' : 'access');
    for (const [what, , target] of cases) await measure(target, what); // warm
    for (const one of Object.values(hellos)) await measure(one, 'GET authenticate');
    for (let round = 0; round < ROUNDS; round += 1)
      for (const what of Object.keys(requests)) {
        note(`bare ${what}`, await measure(hellos[`bare ${bodyOf(what)}`], what));
        note(`cache ${what}`, await measure(cached, what));
        note(`express ${what}`, await measure(hellos[`express ${bodyOf(what)}`], what));
        note(`database ${what}`, await measure(fresh, what));
      }
    const mid = (key, part) => median(seen.get(key).map((one) => one[part]));
    return cases.flatMap(([what, from]) => {
      const bare = mid(`bare ${what}`, 'rps');
      const express = mid(`express ${what}`, 'rps');
      const own = mid(`${from} ${what}`, 'rps');
      const cpu = mid(`bare ${what}`, 'cpu') / mid(`${from} ${what}`, 'cpu');
      const detail = `${Math.round(own)}/s; bare ${Math.round(bare)}/s, plain Express ${Math.round(express)}/s; bare's CPU per request is ${cpu.toFixed(2)} of ours`;
      const line = (against, ratio, target) => ({
        name: `identity ${what} from the ${from}, x ${against}`,
        ratio: Number(ratio.toFixed(2)),
        target,
        ok: ratio >= target,
        detail,
      });
      if (what === 'POST tokens') return [line('bare node:http', own / bare, from === 'cache' ? 0.2 : 0)];
      return from === 'cache'
        ? [line('bare node:http', own / bare, 0.5), line('plain Express', own / express, 2.5)]
        : [line('bare node:http', own / bare, 0.3)];
    });
  } finally {
    for (const one of children) one.kill('SIGTERM');
    await Promise.all(
      children.map((one) =>
        one.exitCode === null && one.signalCode === null
          ? new Promise((resolve) => {
              one.once('exit', resolve);
              setTimeout(() => {
                one.kill('SIGKILL');
              }, 5000).unref();
            })
          : undefined,
      ),
    );
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
if (process.argv[1] === import.meta.filename && !process.argv[2])
  for (const one of await run())
    console.log(`${one.ok ? 'ok  ' : 'LOW '} ${one.name}: ${one.ratio} (target ${one.target}); ${one.detail}`);
