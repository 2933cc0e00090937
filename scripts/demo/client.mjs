// @ts-check
// How the demo talks: public HTTP only, with the credentials of the installation.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { red, Trouble } from '../lib/progress.mjs';
import { stateDir } from '../lib/state.mjs';

/** @returns {import('../lib/principals.mjs').Credentials} ends the process when they can not be read */
const readCredentials = () => {
  const file = process.env.NEFOS_DEMO_CREDENTIALS || path.join(stateDir(process.env), 'credentials.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (err) {
    const reason = err.code ?? err.message;
    const missing = `no credentials in ${file}: run \`npm start\` first, and set NEFOS_START_STATE as there`;
    console.error(red(err.code === 'ENOENT' ? missing : `${file} can not be read (${reason})`));
    return process.exit(1);
  }
};
export const { gateway, identity, compute, introspection } = readCredentials();

/**
 * @typedef {{ headers?: Record<string, string>, json?: object, expect?: number }} Options `expect`: the right status,
 *   200 by default
 */
/**
 * One request.
 * @param {string} method @param {string} url path from the gateway @param {Options} [options]
 * @throws {Trouble} when there is no answer, or another status than the right one
 */
export const call = async (method, url, { headers = {}, json, expect = 200 } = {}) => {
  const res = await fetch(gateway + url, {
    method,
    headers: { ...(json && { 'Content-Type': 'application/json' }), ...headers },
    ...(json && { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(20_000),
  }).catch((err) => {
    throw new Trouble(
      `${method} ${url}: ${gateway} does not answer (${err.cause?.code ?? err.message}); is \`npm start\` running?`,
    );
  });
  const text = await res.text();
  if (res.status !== expect)
    throw new Trouble(`${method} ${url}: status ${res.status}, expected ${expect}: ${text.slice(0, 300)}`);
  /** @returns {any} */
  const parsed = () => JSON.parse(text);
  return { text, headers: res.headers, json: parsed };
};
/**
 * The same as the portal's staff.
 * @param {string} method @param {string} url below /staffapi @param {Options} [options]
 */
export const staff = (method, url, options = {}) =>
  call(method, `/staffapi${url}`, { ...options, headers: { Authorization: `Token ${compute.staff.token}` } });

/** @param {unknown} fact @param {string} what @throws {Trouble} when it does not hold */
export const must = (fact, what) => {
  if (!fact) throw new Trouble(`mismatch: ${what}`);
};
/**
 * Looks again and again until `look` finds something.
 * @template T
 * @param {string} what @param {() => Promise<T>} look @param {number} [seconds]
 * @returns {Promise<T>}
 */
export const until = async (what, look, seconds = 30) => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(150)) {
    const found = await look();
    if (found) return found;
  }
  throw new Trouble(`${what}: not within ${seconds} s`);
};
