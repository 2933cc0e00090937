// @ts-check
// How fast identity validates tokens, next to a bare node:http server and a plain Express one that answer with as many
// bytes. Its own throw-away PostgreSQL, 100,000 users, 200,000 tokens of which 1,000 are asked for, loopback only.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { median } from './lib-figures.mjs';
import { startService, stopChild, withClient, withDatabases } from './lib-service.mjs';

const FULL = { rounds: 3, seconds: 2.5, users: 100_000, tokens: 200_000, hot: 1000 };
const SMOKE = { rounds: 1, seconds: 0.1, users: 50, tokens: 100, hot: 10 };
const CHILD = path.join(import.meta.dirname, 'lib-identity-load.mjs');
const COMPONENT = 'bench-component-token-0000000000000000000000';
/** @param {number} n */
const token = (n) => `bench${String(n).padStart(38, '0')}`;

/** @typedef {{ port: number, pid: number }} Server */
/**
 * @typedef {'bare' | 'express' | 'cache' | 'database'} Kind `cache` and `database`: identity, by where it finds a token
 */

/** @param {string} url @param {typeof FULL} sizes */
const seed = (url, { users, tokens }) =>
  withClient(url, async (db) => {
    await db.query(
      `insert into account (id, uuid, username, email, first_name, last_name, is_active, email_verified, moderated,
         default_project)
       select 1000000 + n, u, 'bench' || n || '@example.com', 'bench' || n || '@example.com', 'First' || n, 'Last',
         true, true, true, u
       from (select n, md5('bench' || n)::uuid u from generate_series(1, $1::int) n) x`,
      [users],
    );
    await db.query(
      'insert into group_member (account_id, group_id) select 1000000 + n, 1 from generate_series(1, $1::int) n',
      [users],
    );
    await db.query(
      `insert into token (hash, audit_id, kind, account_id, hint, expires_at)
       select sha256(convert_to('bench' || lpad(n::text, 38, '0'), 'UTF8')), 'bench-' || n, 'api',
         1000001 + n % $2::int, 'bench', now() + interval '30 days'
       from generate_series(1, $1::int) n`,
      [tokens, users],
    );
    await db.query('vacuum analyze');
  });

/** Requests as they go over the wire, by what they ask. @param {string[]} tokens */
const requestsFor = (tokens) => {
  const head = 'Host: 127.0.0.1\r\nAccept: application/json\r\n';
  const get = (/** @type {string} */ target, /** @type {string} */ shown) =>
    `GET ${target} HTTP/1.1\r\n${head}X-Auth-Token: ${shown}\r\n\r\n`;
  return {
    'GET authenticate': tokens.map((t) => get('/account/v1.0/authenticate', t)),
    'GET tokens/{id}': tokens.map((t) => get(`/identity/v2.0/tokens/${t}`, COMPONENT)),
    'POST tokens': tokens.map((t) => {
      const body = JSON.stringify({ auth: { token: { id: t } } });
      const lengths = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
      return `POST /identity/v2.0/tokens HTTP/1.1\r\n${head}${lengths}${body}`;
    }),
  };
};
/** @typedef {keyof ReturnType<typeof requestsFor>} What */
const WHAT = /** @type {What[]} */ (['GET authenticate', 'GET tokens/{id}', 'POST tokens']);
/**
 * Targets against the bare server and against plain Express.
 * @type {Record<What, Record<'cache' | 'database', [number, number?]>>}
 */
const TARGETS = {
  'GET authenticate': { cache: [0.5, 2.5], database: [0.3] },
  'GET tokens/{id}': { cache: [0.5, 2.5], database: [0.3] },
  'POST tokens': { cache: [0.2], database: [0] },
};

/** Length of a good answer's body. @param {string} url @param {Record<string, string>} headers */
const lengthOf = async (url, headers) => {
  const res = await fetch(url, { headers });
  if (!res.ok) throw new Error(`${url}: ${res.status}`);
  return Buffer.byteLength(await res.text());
};
/** CPU seconds that a process has used. @param {number} pid */
const cpuOf = (pid) => {
  try {
    const parts = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(parts[11]) + Number(parts[12])) / 100;
  } catch {
    return NaN;
  }
};

/**
 * Child processes of this benchmark.
 * @returns `start` resolves with the first message of the child
 */
const createChildren = () => {
  /** @type {import('node:child_process').ChildProcess[]} */
  const all = [];
  return {
    /** @param {string[]} args @returns {Promise<{ child: import('node:child_process').ChildProcess, message: any }>} */
    start: (...args) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [CHILD, ...args], {
          env: { ...process.env, NODE_ENV: 'production' },
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        });
        all.push(child);
        child.once('message', (message) => resolve({ child, message }));
        child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
      }),
    stop: () => Promise.all(all.map(stopChild)),
  };
};
/**
 * Sends a job to the load process.
 * @param {import('node:child_process').ChildProcess} child @param {object} job
 * @returns {Promise<number>} answers per second
 */
const ask = (child, job) =>
  new Promise((resolve, reject) => {
    child.once('message', (/** @type {{ perSecond: number, error?: string }} */ { perSecond, error }) =>
      error ? reject(new Error(error)) : resolve(perSecond),
    );
    child.send(job);
  });

/**
 * @param {typeof FULL} sizes @param {Record<Kind, (what: What) => Server>} servers
 * @param {import('node:child_process').ChildProcess} client @param {ReturnType<typeof requestsFor>} requests
 */
const measureAll = async ({ rounds, seconds }, servers, client, requests) => {
  /** @type {Map<string, { perSecond: number, cpu: number }[]>} */
  const measured = new Map();
  /** @param {Kind} kind @param {What} what */
  const measure = async (kind, what) => {
    const { port, pid } = servers[kind](what);
    const before = cpuOf(pid);
    const perSecond = await ask(client, { port, requests: requests[what], seconds });
    return { perSecond, cpu: (cpuOf(pid) - before) / (perSecond * seconds) };
  };
  const kinds = /** @type {Kind[]} */ (['bare', 'cache', 'express', 'database']);
  // The first round warms.
  for (let round = -1; round < rounds; round += 1)
    for (const what of WHAT)
      for (const kind of kinds) {
        const one = await measure(kind, what);
        if (round >= 0) measured.set(`${kind} ${what}`, [...(measured.get(`${kind} ${what}`) ?? []), one]);
      }
  return (/** @type {Kind} */ kind, /** @type {What} */ what, /** @type {'perSecond' | 'cpu'} */ part) =>
    median((measured.get(`${kind} ${what}`) ?? []).map((one) => one[part]));
};
/** @param {Awaited<ReturnType<typeof measureAll>>} figure @returns {import('./lib-figures.mjs').Result[]} */
const resultsOf = (figure) =>
  WHAT.flatMap((what) =>
    /** @type {const} */
    (['cache', 'database']).flatMap((from) => {
      const own = figure(from, what, 'perSecond');
      const bare = figure('bare', what, 'perSecond');
      const express = figure('express', what, 'perSecond');
      const cpu = (figure('bare', what, 'cpu') / figure(from, what, 'cpu')).toFixed(2);
      const others = `bare ${Math.round(bare)}/s, plain Express ${Math.round(express)}/s`;
      const detail = `${Math.round(own)}/s; ${others}; bare's CPU per request is ${cpu} of ours`;
      const line = (/** @type {string} */ against, /** @type {number} */ ratio, /** @type {number} */ target) => ({
        name: `identity ${what} from the ${from}, x ${against}`,
        ratio: Number(ratio.toFixed(2)),
        target: String(target),
        ok: ratio >= target,
        detail,
      });
      const [ofBare, ofExpress] = TARGETS[what][from];
      const first = line('bare node:http', own / bare, ofBare);
      return ofExpress === undefined ? [first] : [first, line('plain Express', own / express, ofExpress)];
    }),
  );

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : FULL;
  const hotTokens = Array.from({ length: sizes.hot }, (_, i) => token(1 + i * Math.floor(sizes.tokens / sizes.hot)));
  const [firstToken = ''] = hotTokens;
  const children = createChildren();
  /** @type {import('./lib-service.mjs').Service[]} */
  const services = [];
  return withDatabases(['identity'], async ({ urls: { identity: url = '' }, dir }) => {
    try {
      const principals = path.join(dir, 'bootstrap.json');
      const components = [{ name: 'bench', url: '/', token: COMPONENT }];
      writeFileSync(principals, JSON.stringify({ identity: { components } }));
      /** @param {number} cacheSeconds */
      const start = async (cacheSeconds) => {
        const service = await startService('identity', {
          NODE_ENV: 'production',
          NEFOS_IDENTITY_DATABASE_URL: url,
          NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: String(cacheSeconds),
          NEFOS_BOOTSTRAP_FILE: principals,
          NEFOS_LOG_LEVEL: 'warn',
          NEFOS_FIXTURE: 'demo',
        });
        services.push(service);
        return service;
      };
      const cached = await start(5);
      await seed(url, sizes);
      const fresh = await start(0);
      const origin = `http://127.0.0.1:${cached.port}`;
      const authenticate = await lengthOf(`${origin}/account/v1.0/authenticate`, { 'X-Auth-Token': firstToken });
      const access = await lengthOf(`${origin}/identity/v2.0/tokens/${firstToken}`, { 'X-Auth-Token': COMPONENT });
      /** Servers that answer with as many bytes as identity. @param {'bare' | 'express'} kind */
      const hellos = async (kind) => {
        const serve = async (/** @type {number} */ size) => {
          const { child, message } = await children.start('hello', kind, String(size));
          return { port: message.port, pid: child.pid ?? 0 };
        };
        const [short, long] = [await serve(authenticate), await serve(access)];
        return (/** @type {What} */ what) => (what === 'GET authenticate' ? short : long);
      };
      const servers = {
        bare: await hellos('bare'),
        express: await hellos('express'),
        cache: () => cached,
        database: () => fresh,
      };
      const { child: client } = await children.start('load');
      return resultsOf(await measureAll(sizes, servers, client, requestsFor(hotTokens)));
    } finally {
      await children.stop();
      for (const service of services) await service.stop();
    }
  });
};
