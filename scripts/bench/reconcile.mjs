// @ts-check
// What comparing quiet instances with their machines costs: processor time of compute and of the database for one pass,
// as a share of a core over the time between two passes.
import { startCompute, startPeers } from './lib-compute.mjs';
import { load, loadMachines } from './lib-compute-data.mjs';
import { cpuOf } from './lib-cpu.mjs';
import { median } from './lib-figures.mjs';
import { withClient, withDatabases } from './lib-service.mjs';

const FULL = { instances: 100_000, passes: 3 };
const SMOKE = { instances: 200, passes: 1 };
const dist = '../../services/compute/dist/';

/** The sweep of the built service, on a database. @param {string} url */
const sweepOf = async (url) => {
  const { openComputeDatabase } = await import(`${dist}database.js`);
  const { createDrivers } = await import(`${dist}ports/drivers.js`);
  const { readComputeConfig } = await import(`${dist}config.js`);
  const { operationSweeps } = await import(`${dist}operations/jobs/sweeps.js`);
  const { createLog } = await import('../../packages/service-kit/dist/index.js');
  const log = createLog('bench', 'error');
  const db = await openComputeDatabase(url, 4, log);
  const config = readComputeConfig({
    NEFOS_COMPUTE_DATABASE_URL: url,
    NEFOS_COMPUTE_TOKEN: 'bench-component-token-00000000000',
  });
  const drivers = createDrivers(db, config, { log });
  const sweep = operationSweeps({ db, log, drivers, config }).find(
    (/** @type {{ name: string }} */ one) => one.name === 'instances.power',
  );
  const close = async () => {
    await drivers.close();
    await db.close();
  };
  return { sweep, close };
};
const FROM_START = '00000000-0000-0000-0000-000000000000';
/** The reading that nobody can do without: each table in the order of ids, in pages. @param {string} url */
const bareRead = (url) =>
  withClient(url, async (db) => {
    for (const text of [
      `select id, power_state from instance where region_id = 'Bench' and vm_state <> 'deleted' and id > $1
        order by id limit 500`,
      'select portal_id id, power_state from sim_machine where portal_id > $1 order by portal_id limit 500',
    ])
      for (let after = FROM_START; ;) {
        const { rows } = await db.query(text, [after]);
        if (rows.length < 500) break;
        after = rows[499].id;
      }
  });

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const { instances, passes } = smoke
    ? SMOKE
    : { ...FULL, instances: Number(process.env.BENCH_ROWS ?? FULL.instances) };
  const peers = await startPeers();
  try {
    return await withDatabases(
      ['compute'],
      async ({ urls: { compute: url = '' }, dir, pid }) => {
        // It makes the tables.
        await (await startCompute(dir, url, peers.url, { NEFOS_COMPUTE_WORKER: 'off' })).stop();
        await load(url, instances);
        await loadMachines(url);
        const { sweep, close } = await sweepOf(url);
        try {
          /** Milliseconds of processor time here and at the database. @param {() => Promise<unknown>} work */
          const costOf = async (work) => {
            const before = { own: process.cpuUsage(), database: cpuOf(pid) };
            await work();
            const { user, system } = process.cpuUsage(before.own);
            return (user + system) / 1000 + cpuOf(pid) - before.database;
          };
          const pass = async () => {
            const done = await sweep.work();
            if (done.compared !== instances || done.checked || done.destroyed) throw new Error(JSON.stringify(done));
          };
          // The first of each warms.
          await pass();
          await bareRead(url);
          const costs = [];
          const bare = [];
          for (let i = 0; i < passes; i += 1) {
            costs.push(await costOf(pass));
            bare.push(await costOf(() => bareRead(url)));
          }
          const share = median(costs) / 1000 / sweep.everySeconds;
          return [
            {
              name: `comparing ${instances} quiet instances, of a core`,
              value: `${(share * 100).toFixed(2)} %`,
              target: '<= 5 %',
              ok: share <= 0.05,
              detail: `${median(costs).toFixed(0)} ms of processor time a pass, one every ${sweep.everySeconds} s`,
            },
            {
              name: 'a pass next to bare SQL that reads the same rows',
              ratio: median(costs) / median(bare),
              target: 'none',
              ok: true,
              detail: `bare SQL ${median(bare).toFixed(0)} ms`,
            },
          ];
        } finally {
          await close();
        }
      },
      { durable: true },
    );
  } finally {
    peers.close();
  }
};
