// @ts-check
// The list of a client's instances with few and with many instances in the table, and the time from a create to the
// driver's call.
import { setTimeout as sleep } from 'node:timers/promises';
import { startCompute, startPeers, TOKEN } from './lib-compute.mjs';
import { EACH, FIRST_CLIENT, FLAVOR, IMAGE, load, NETWORK, OWNER_OF_MANY } from './lib-compute-data.mjs';
import { median, percentile } from './lib-figures.mjs';
import { bodyOf, createCaller, withClient, withDatabases } from './lib-service.mjs';

/** @typedef {import('./lib-service.mjs').Service} Service */
/** `few`: usual clients' instances in the large table; `many`: those of one client more. */
const FULL = { few: 200_000, many: 20_000, lists: 400, manyLists: 50, rounds: 5, creates: 150 };
const SMOKE = { few: 400, many: 100, lists: 10, manyLists: 2, rounds: 1, creates: 5 };

const createStaff = () => {
  const { ask, close } = createCaller({ connections: 4, timeoutMs: 30_000 });
  /** @param {number} port @param {string} method @param {string} target @param {object} [json] */
  const call = async (port, method, target, json) => {
    const headers = { Authorization: `Token ${TOKEN}` };
    const request = { method, path: target, headers, ...(json && { body: JSON.stringify(json) }) };
    return JSON.parse(bodyOf(await ask(port, request), `${method} ${target}`).toString());
  };
  return { call, close };
};
/** @typedef {ReturnType<typeof createStaff>['call']} Call */

/**
 * Times of lists, one after the other, in milliseconds.
 * @param {Call} call @param {number} port @param {(i: number) => number} clientAt @param {number} count
 * @param {number} total instances of each client
 */
const timeLists = async (call, port, clientAt, count, total) => {
  const times = [];
  for (let i = 0; i < count; i += 1) {
    const started = performance.now();
    const client = clientAt(i);
    const body = await call(
      port,
      'GET',
      `/staffapi/openstack/instances?filtering=project__service__client__id:${client}`,
    );
    times.push(performance.now() - started);
    if (body.objects.length !== Math.min(EACH, total) || body.totalCount !== total)
      throw new Error(`${body.objects.length} of ${body.totalCount} instances listed`);
  }
  return times;
};
/**
 * @param {Call} call @param {Service} small @param {Service} big @param {typeof FULL} sizes
 * @returns {Promise<import('./lib-figures.mjs').Result[]>}
 */
const benchLists = async (call, small, big, { few, many, lists, manyLists, rounds }) => {
  const p99 = { small: [0], big: [0], many: [0] };
  for (const of of Object.values(p99)) of.length = 0;
  const bigClients = few / EACH;
  // The first round warms.
  for (let round = -1; round < rounds; round += 1) {
    const ofSmall = await timeLists(call, small.port, (i) => FIRST_CLIENT + (i % 10), lists, EACH);
    const ofBig = await timeLists(call, big.port, (i) => FIRST_CLIENT + ((i * 7919) % bigClients), lists, EACH);
    const ofMany = await timeLists(call, big.port, () => OWNER_OF_MANY, manyLists, many);
    if (round < 0) continue;
    p99.small.push(percentile(ofSmall, 0.99));
    p99.big.push(percentile(ofBig, 0.99));
    p99.many.push(percentile(ofMany, 0.99));
  }
  const [ofSmall, ofBig, ofMany] = [median(p99.small), median(p99.big), median(p99.many)];
  const ratio = ofBig / ofSmall;
  return [
    {
      name: "p99 of a client's 20 instances, 200,000 in the table, to 200",
      ratio,
      target: '<= 2 x',
      ok: ratio <= 2,
      detail: `${ofBig.toFixed(1)} ms to ${ofSmall.toFixed(1)} ms`,
    },
    {
      name: 'p99 of the first page of a client with 20,000 instances',
      value: `${ofMany.toFixed(1)} ms`,
      target: 'none',
      ok: true,
    },
  ];
};

/** @param {number} client */
const newInstance = (client) => ({
  region: 'Bench',
  client,
  name: 'bench',
  flavor: FLAVOR,
  nics: [NETWORK],
  boot_source: { source_type: 'image', source_id: IMAGE },
});
/**
 * @param {Call} call @param {string} url @param {number} port @param {number} count
 * @returns {Promise<import('./lib-figures.mjs').Result[]>}
 */
const benchCreate = (call, url, port, count) =>
  withClient(url, async (db) => {
    // The loaded instances fill the quota.
    await db.query('delete from instance');
    const ids = [];
    for (let i = 0; i < count; i += 1) {
      ids.push((await call(port, 'POST', '/staffapi/openstack/instances', newInstance(FIRST_CLIENT + (i % 10)))).id);
      // Makes room in the quota.
      if (i % 10 === 9)
        await db.query(`update instance set vm_state = 'deleted', task_state = null where vm_state = 'active'`);
      await sleep(20);
    }
    const times = await driverDelays(db, ids);
    const p50 = median(times);
    return [
      {
        name: "from accepted create to the driver's call, p50",
        value: `${p50.toFixed(1)} ms`,
        target: '<= 20 ms',
        ok: p50 <= 20,
        detail: `p95 ${percentile(times, 0.95).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
      },
    ];
  });
/**
 * Milliseconds from the beginning of each request's transaction to that of the driver's: both are the database's
 * instants.
 * @param {import('pg').Client} db @param {string[]} ids of instances
 * @returns {Promise<number[]>}
 */
const driverDelays = async (db, ids) => {
  for (const end = Date.now() + 5000; ; await sleep(50)) {
    const { rows } = await db.query(
      `select extract(epoch from m.created_at - o.created_at)::float8 * 1000 ms
       from operation o join sim_machine m on m.portal_id = o.instance_id where o.instance_id = any($1)`,
      [ids],
    );
    if (rows.length === ids.length) return rows.map(({ ms }) => ms);
    if (Date.now() > end) throw new Error(`${rows.length} of ${ids.length} machines were made`);
  }
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : FULL;
  const { call, close } = createStaff();
  const peers = await startPeers();
  try {
    return await withDatabases(
      ['compute', 'compute_many'],
      async ({ urls: { compute: few = '', compute_many: many = '' }, dir }) => {
        /** @type {Service[]} */
        const services = [];
        /** @param {string} url @param {'on' | 'off'} worker */
        const start = async (url, worker) => {
          const service = await startCompute(dir, url, peers.url, {
            NEFOS_COMPUTE_WORKER: worker,
            NEFOS_COMPUTE_SIM_LATENCY_MS: '0',
          });
          services.push(service);
          return service;
        };
        try {
          const small = await start(few, 'off');
          const big = await start(many, 'off');
          await load(few, 200);
          await load(many, sizes.few, sizes.many);
          const lists = await benchLists(call, small, big, sizes);
          await small.stop();
          const working = await start(few, 'on');
          return [...lists, ...(await benchCreate(call, few, working.port, sizes.creates))];
        } finally {
          for (const service of services) await service.stop();
        }
      },
    );
  } finally {
    close();
    peers.close();
  }
};
