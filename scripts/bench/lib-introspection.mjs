// @ts-check
// What the benchmarks of introspection share: the service on a database of its own, behind the gateway.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startService, withClient, withDatabases } from './lib-service.mjs';

/** @typedef {{ url: string, db: import('pg').Client, port: number, gateway: number, pid: number }} Site */

/**
 * Gives `work` the service and the gateway before it, for each database of `names`.
 * @template T
 * @param {readonly string[]} names
 * @param {(sites: Record<string, Site>) => Promise<T>} work
 * @returns {Promise<T>}
 */
export const withIntrospection = (names, work) =>
  withDatabases(
    [...names],
    async ({ urls }) => {
      /** @type {Record<string, Site>} */
      const sites = {};
      /** @param {readonly string[]} rest @returns {Promise<T>} */
      const open = async ([name, ...others]) => {
        if (name === undefined) return work(sites);
        const url = urls[name] ?? '';
        const service = await startService('introspection', {
          NEFOS_INTROSPECTION_DATABASE_URL: url,
          NEFOS_INTROSPECTION_TOKEN: randomBytes(24).toString('hex'),
          NEFOS_SECRET_KEYS: randomBytes(32).toString('base64'),
          NEFOS_INTROSPECTION_AUTH: 'noauth',
          // All machines of a benchmark have one address.
          NEFOS_INTROSPECTION_CALLBACK_RATE: '1000000',
        });
        try {
          const gateway = await startService('gateway', {
            NEFOS_INTROSPECTION_URL: `http://127.0.0.1:${service.port}`,
          });
          try {
            return await withClient(url, (db) => {
              sites[name] = { url, db, port: service.port, gateway: gateway.port, pid: service.pid };
              return open(others);
            });
          } finally {
            await gateway.stop();
          }
        } finally {
          await service.stop();
        }
      };
      return open(names);
    },
    { durable: true },
  );
/**
 * Waits until no run is open.
 * @param {import('pg').Client} db
 * @throws Error when nothing has changed for half a minute
 */
export const untilEnded = async (db) => {
  const text = `select state, count(*)::int n from run where finished_at is null group by state order by state`;
  for (let last = '', quiet = Date.now(); ; await sleep(100)) {
    const { rows } = await db.query(text);
    if (!rows.length) return;
    const now = JSON.stringify(rows);
    if (now !== last) quiet = Date.now();
    last = now;
    if (Date.now() > quiet + 30_000) throw new Error(`runs do not end: ${now}`);
  }
};
