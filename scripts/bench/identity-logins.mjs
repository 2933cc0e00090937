// @ts-check
// How long a token validation takes while 200 people log in, next to a quiet service: the outliers count.
// Its own throw-away PostgreSQL, one service, loopback only.
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './lib-figures.mjs';
import { createCaller, startService, withClient, withDatabases } from './lib-service.mjs';

// A dependency of the service, not of these scripts.
const argon2 = createRequire(path.resolve(import.meta.dirname, '../../services/identity/dist/main.js'))('argon2');
const FULL = { people: 200, seconds: 10, quietSeconds: 3 };
const SMOKE = { people: 5, seconds: 0.5, quietSeconds: 0.2 };
/** Milliseconds: p99 of a validation while 200 log-ins wait. */
const TARGET = 50;
const PASSWORD = 'a right long password';
/** @param {number} n */
const email = (n) => `bench${n}@example.com`;
/** @param {number} n */
const token = (n) => `bench${String(n).padStart(38, '0')}`;

/** @param {string} url @param {number} people */
const seed = (url, people) =>
  withClient(url, async (db) => {
    const hash = await argon2.hash(PASSWORD, {
      type: argon2.argon2id,
      memoryCost: 19_456,
      timeCost: 2,
      parallelism: 1,
    });
    await db.query(
      `insert into account (id, uuid, username, email, first_name, last_name, is_active, email_verified, moderated,
         default_project, password_hash)
       select 1000000 + n, u, e, e, 'First' || n, 'Last', true, true, true, u, $2
       from (select n, md5('bench' || n)::uuid u, 'bench' || n || '@example.com' e
             from generate_series(1, $1::int) n) x`,
      [people, hash],
    );
    await db.query(
      `insert into token (hash, audit_id, kind, account_id, hint, expires_at)
       select sha256(convert_to('bench' || lpad(n::text, 38, '0'), 'UTF8')), 'bench-' || n, 'api', 1000000 + n, 'bench',
         now() + interval '30 days'
       from generate_series(1, $1::int) n`,
      [people],
    );
    await db.query('vacuum analyze');
  });

/** @typedef {{ p50: number, p99: number, max: number }} Times milliseconds */
/**
 * Validates one token every few milliseconds.
 * @param {number} port @param {number} seconds @param {number} people
 * @returns {Promise<Times>}
 */
const validate = async (port, seconds, people) => {
  const { ask, close } = createCaller({ connections: 8 });
  /** @type {Promise<number>[]} */
  const all = [];
  const end = performance.now() + seconds * 1000;
  for (let i = 0; performance.now() < end; i += 1) {
    const headers = { 'X-Auth-Token': token(1 + (i % people)) };
    const answer = ask(port, { path: '/account/v1.0/authenticate', headers });
    all.push(answer.then(({ status, ms }) => (status === 200 ? ms : Infinity)));
    await sleep(5);
  }
  const times = await Promise.all(all);
  close();
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), max: percentile(times, 1) };
};
/**
 * People who log in, each again as soon as the last log-in was answered.
 * @param {number} port @param {number} people
 * @returns {() => Promise<Record<string, number>>} ends it; resolves with the number of log-ins by status
 */
const loggingIn = (port, people) => {
  const { ask, close } = createCaller({ connections: Infinity });
  let over = false;
  /** @type {Record<string, number>} */
  const statuses = {};
  const all = Array.from({ length: people }, async (_, i) => {
    const user = { name: email(i + 1), domain: { id: 'default' }, password: PASSWORD };
    const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } });
    while (!over) {
      const { status } = await ask(port, { method: 'POST', path: '/identity/v3/auth/tokens', body });
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status !== 201) await sleep(1000);
    }
  });
  return async () => {
    over = true;
    await Promise.allSettled(all);
    close();
    return statuses;
  };
};

/**
 * @param {string} url @param {'cache' | 'database'} from where tokens are found @param {typeof FULL} sizes
 * @param {() => Promise<void>} prepare runs once the service has migrated the database
 * @returns {Promise<import('./lib-figures.mjs').Result>}
 */
const bench = async (url, from, { people, seconds, quietSeconds }, prepare) => {
  const { port, stop } = await startService('identity', {
    NODE_ENV: 'production',
    NEFOS_IDENTITY_DATABASE_URL: url,
    NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: from === 'cache' ? '5' : '0',
  });
  try {
    await prepare();
    await validate(port, Math.min(1, quietSeconds), people);
    const quiet = await validate(port, quietSeconds, people);
    const stopLogins = loggingIn(port, people);
    await sleep(500);
    const busy = await validate(port, seconds, people);
    const statuses = await stopLogins();
    const ms = (/** @type {Times} */ { p50, p99, max }) =>
      `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, longest ${max.toFixed(0)} ms`;
    return {
      name: `identity: validation from the ${from} while 200 log-ins wait, p99`,
      value: `${busy.p99.toFixed(1)} ms`,
      target: `${TARGET} ms`,
      ok: busy.p99 <= TARGET,
      detail: `${ms(busy)}; quiet ${ms(quiet)}; log-ins by status ${JSON.stringify(statuses)}`,
    };
  } finally {
    await stop();
  }
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : FULL;
  return withDatabases(['identity'], async ({ urls: { identity: url = '' } }) => [
    await bench(url, 'cache', sizes, () => seed(url, sizes.people)),
    await bench(url, 'database', sizes, async () => undefined),
  ]);
};
