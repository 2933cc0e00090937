// @ts-check
// The rate at which reports are taken, next to the least that one can cost, and many machines within seconds.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from './lib-figures.mjs';
import { addWaiting, reportOf } from './lib-introspection-data.mjs';
import { untilEnded, withIntrospection } from './lib-introspection.mjs';
import { sendEach } from './lib-load.mjs';
import { bodyOf, createCaller, stopChild } from './lib-service.mjs';

/** Connections of the service's pool, as set when nobody sets it; bare node:http has as many. */
const POOL = 10;
/** @typedef {{ connections: number, reports: number }} Load */

/** @param {string} url */
const startBare = async (url) => {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'lib-introspection-bare.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send({ url, connections: POOL });
  const [{ port }] = await once(child, 'message');
  return { port: /** @type {number} */ (port), stop: () => stopChild(child) };
};
/**
 * @param {{ few: Load, many: Load, rounds: number }} sizes
 * @returns {Promise<import('./lib-figures.mjs').Result[]>}
 */
export const benchReports = ({ few, many, rounds }) =>
  withIntrospection(['introspection'], async ({ introspection: site }) => {
    if (!site) return [];
    const { db, url, port, gateway } = site;
    await db.query(
      'create table bare_report (id bigint generated always as identity primary key, mac text, body text)',
    );
    const bare = await startBare(url);
    try {
      let next = 1;
      /** A round of one contestant; the jobs that end the runs are waited for, outside the figure.
       * @param {number} to @param {Load} load */
      const round = async (to, { connections, reports }) => {
        const first = next;
        next += reports;
        if (to !== bare.port) await addWaiting(db, first, next - 1);
        const bodies = Array.from({ length: reports }, (_, i) => reportOf(first + i));
        const rate = await sendEach({ port: to, path: '/v1/continue', bodies, connections });
        await untilEnded(db);
        return rate;
      };
      const contestants = { bare: bare.port, service: port, gateway };
      const results = [];
      for (const load of [few, many]) {
        /** @type {Record<keyof typeof contestants, number[]>} */
        const rates = { bare: [], service: [], gateway: [] };
        const names = /** @type {(keyof typeof contestants)[]} */ (Object.keys(contestants));
        // The round before the first warms.
        for (let i = -1; i < rounds; i += 1) {
          await db.query('vacuum analyze');
          const turn = (i + 1) % names.length;
          for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
            const rate = await round(contestants[name], load);
            if (i >= 0) rates[name].push(rate);
          }
        }
        const least = median(rates.bare);
        for (const [name, what] of /** @type {const} */ ([
          ['service', 'POST /v1/continue'],
          ['gateway', 'the same through the gateway'],
        ])) {
          const rate = median(rates[name]);
          results.push({
            name: `${what}, ${load.connections} at once, next to bare node:http with one INSERT`,
            ratio: rate / least,
            target: '>= 0.25 x',
            ok: rate / least >= 0.25,
            detail: `${rate.toFixed(0)}/s to ${least.toFixed(0)}/s; a report has ${reportOf(1).length} octets`,
          });
        }
      }
      return results;
    } finally {
      await bare.stop();
    }
  });

/**
 * Machines that all report within a few seconds, each at a time of its own, through the gateway; they are switched off
 * at the end of their runs.
 * @param {{ machines: number, seconds: number }} sizes
 * @returns {Promise<import('./lib-figures.mjs').Result[]>}
 */
export const benchStorm = ({ machines, seconds }) =>
  withIntrospection(['introspection'], async ({ introspection: site }) => {
    if (!site) return [];
    const { db, gateway } = site;
    await addWaiting(db, 1, machines, true);
    await db.query('vacuum analyze');
    const bodies = Array.from({ length: machines }, (_, i) => reportOf(i + 1));
    // One connection for each: machines do not share them.
    const { ask, close } = createCaller({ connections: machines });
    const started = performance.now();
    const delays = await Promise.all(
      bodies.map(async (body, i) => {
        await sleep((i * seconds * 1000) / machines);
        const answer = await ask(gateway, { method: 'POST', path: '/v1/continue', body });
        bodyOf(answer, '/v1/continue');
        return answer.ms;
      }),
    );
    close();
    const answered = (performance.now() - started) / 1000;
    await untilEnded(db);
    const ended = (performance.now() - started) / 1000;
    const { rows } = await db.query(
      `select (select count(*) from run where state = 'finished' and error is null)::int finished,
        (select count(*) from run_data where processed)::int data, (select count(*) from port)::int ports,
        (select count(*) from power_order)::int orders`,
    );
    const [{ finished, data, ports, orders }] = rows;
    const whole = finished === machines && data === machines && ports === machines && orders === 0;
    const p99 = percentile(delays, 0.99);
    return [
      {
        name: `${machines} waiting machines report within ${seconds} s, through the gateway: p99 of an answer`,
        value: `${p99.toFixed(0)} ms`,
        target: '<= 1000 ms, none lost',
        ok: p99 <= 1000 && whole,
        detail:
          `p50 ${median(delays).toFixed(0)} ms; the last answer after ${answered.toFixed(1)} s, the last run ended ` +
          `after ${ended.toFixed(1)} s; ${JSON.stringify(rows[0])}`,
      },
    ];
  });
