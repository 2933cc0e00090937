// @ts-check
// Pages of the list of runs, and the look-up of a report's MACs, when there are many, next to when there are few.
import { percentile } from './lib-figures.mjs';
import { addEnded, addWaiting, reportOf, uuidOf } from './lib-introspection-data.mjs';
import { withIntrospection } from './lib-introspection.mjs';
import { createCaller } from './lib-service.mjs';

/** Requests that warm come before. */
const WARM = 50;
/** @typedef {{ few: number, many: number, requests: number }} Sizes */
/** @typedef {Record<'few' | 'many', number[]>} Delays */
const SIZES = /** @type {const} */ (['few', 'many']);

/**
 * Asks both in turn, request by request, so that whatever else the machine does meets both alike.
 * @param {number} requests
 * @param {(size: 'few' | 'many', n: number) => Promise<number>} ask milliseconds of an answer
 * @returns {Promise<Delays>}
 */
const askBoth = async (requests, ask) => {
  /** @type {Delays} */
  const delays = { few: [], many: [] };
  for (let n = -Math.min(WARM, requests); n < requests; n += 1)
    for (const size of SIZES) {
      const ms = await ask(size, n);
      if (n >= 0) delays[size].push(ms);
    }
  return delays;
};
/** @param {Delays} delays @param {number} share */
const compared = (delays, share) => {
  const [many, few] = [percentile(delays.many, share), percentile(delays.few, share)];
  return { ratio: many / few, said: `${many.toFixed(1)} ms to ${few.toFixed(1)} ms` };
};

/** @param {Sizes} sizes @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const benchLists = (sizes) =>
  withIntrospection(SIZES, async (sites) => {
    const { ask, close } = createCaller({ connections: 1 });
    /** Pages by what they show; the marker is in the middle of all. @type {Record<string, Record<string, string>>} */
    const pages = { '?limit=100': {}, '?limit=100&state=error': {}, '?limit=100&marker=<the middle>': {} };
    for (const size of SIZES) {
      const db = sites[size]?.db;
      if (!db) continue;
      await addEnded(db, 1, sizes[size]);
      await db.query('vacuum analyze');
      const middle = await uuidOf(db, sizes[size] / 2);
      for (const [page, of] of Object.entries(pages)) of[size] = page.replace('<the middle>', middle);
    }
    const results = [];
    for (const [page, of] of Object.entries(pages)) {
      const delays = await askBoth(sizes.requests, async (size) => {
        const path = `/v1/introspection${of[size]}`;
        const answer = await ask(sites[size]?.gateway ?? 0, { path });
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.bytes.toString()}`);
        return answer.ms;
      });
      const [p99, p50] = [compared(delays, 0.99), compared(delays, 0.5)];
      results.push({
        name: `p99 of /v1/introspection${page}, ${sizes.many} records to ${sizes.few}`,
        ratio: p99.ratio,
        target: '<= 1.5 x',
        ok: p99.ratio <= 1.5,
        detail: `${p99.said}; p50 ${p50.said}`,
      });
    }
    close();
    return results;
  });

/** Machines that nobody waits for have numbers from here on; those who are waited for, below. */
const UNKNOWN = 50_000_000;

/** @param {Sizes} sizes @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const benchLookUp = (sizes) =>
  withIntrospection(SIZES, async (sites) => {
    const { ask, close } = createCaller({ connections: 1 });
    for (const size of SIZES) {
      const db = sites[size]?.db;
      if (!db) continue;
      await addWaiting(db, 1, sizes[size]);
      await db.query('vacuum analyze');
    }
    /** @param {'few' | 'many'} size @param {number} machine @param {number} status */
    const send = async (size, machine, status) => {
      const answer = await ask(sites[size]?.port ?? 0, {
        method: 'POST',
        path: '/v1/continue',
        body: reportOf(machine),
      });
      if (answer.status !== status) throw new Error(`${answer.status} ${answer.bytes.toString()}`);
      return answer.ms;
    };
    const unknown = await askBoth(sizes.requests, (size, n) => send(size, UNKNOWN + n, 400));
    // A new one waits before each report, so that as many wait as before.
    const known = await askBoth(sizes.requests, async (size, n) => {
      const machine = sizes.many + 1000 + n;
      const db = sites[size]?.db;
      if (db) await addWaiting(db, machine, machine);
      return send(size, machine, 200);
    });
    close();
    return [
      { delays: unknown, what: 'a report that fits no node: the look-up alone' },
      { delays: known, what: 'a whole report' },
    ].map(({ delays, what }) => {
      const [p50, p99] = [compared(delays, 0.5), compared(delays, 0.99)];
      return {
        name: `look-up by MAC among ${sizes.many} waiting nodes to ${sizes.few}, p50 of ${what}`,
        ratio: p50.ratio,
        target: '<= 2 x',
        ok: p50.ratio <= 2,
        detail: `${p50.said}; p99 ${p99.said}`,
      };
    });
  });
