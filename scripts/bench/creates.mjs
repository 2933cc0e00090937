// @ts-check
// Many creates at once: how many a second one worker process accepts and carries out on the simulator, next to bare SQL
// that writes the same rows on the same server. With the database's settings of an installation.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startCompute, startPeers, TOKEN } from './lib-compute.mjs';
import { FIRST_CLIENT, FLAVOR, IMAGE, load, NETWORK } from './lib-compute-data.mjs';
import { cpuOf } from './lib-cpu.mjs';
import { percentile } from './lib-figures.mjs';
import { createCaller, startService, withClient, withDatabases } from './lib-service.mjs';

/** `clients` take turns, each has room for its share. */
const FULL = { creates: 2000, clients: 600, connections: 32, bare: 1000 };
const SMOKE = { creates: 40, clients: 10, connections: 4, bare: 40 };

/** @param {number} client @param {string} name */
const newInstance = (client, name) =>
  JSON.stringify({
    region: 'Bench',
    client,
    name,
    flavor: FLAVOR,
    nics: [NETWORK],
    boot_source: { source_type: 'image', source_id: IMAGE },
  });
/**
 * Runs `work` for 0 to `count` - 1, so many at once.
 * @param {number} count @param {number} atOnce @param {(i: number) => Promise<unknown>} work
 */
const times = async (count, atOnce, work) => {
  let next = 0;
  const one = async () => {
    while (next < count) await work((next += 1) - 1);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
};

/** Writes by hand what a create writes until its instance is active: the same rows, in two transactions. */
const ACCEPT = `with i as (
    insert into instance (id, client_id, project_id, region_id, flavor_id, image_id, networks, name, vm_state,
      task_state, operation_id)
    values ($1::uuid, $3::int, md5($3::int::text), 'Bench', $4, $5, array[$6::uuid], 'bench', 'building',
      'scheduling', $2)),
  e as (insert into event (type, client_id, object_type, object_id, data)
    select t, $3::int, 'instance', $1::uuid::text, '{"name": "bench", "region": "Bench", "vm_state": "building"}'
    from unnest(array['operation.created', 'instance.created', 'instance.state', 'operation.progress']) t)
  insert into operation (id, action, type, status, instance_id, client_id, previous_state, params, steps, deadline_at,
    next_check_at)
  values ($2, 'create', 'instance.create', 'running', $1::uuid, $3::int, 'building', '{}',
    '[{"name": "scheduling", "status": "pending"}]', now() + interval '10 min', now() + interval '20 s')`;
const COMPLETE = `with i as (update instance set vm_state = 'active', task_state = null, power_state = 1,
    launched_at = now(), host_name = 'bench', addresses = $4::jsonb, access_ip = '10.0.0.1', metered_on = true,
    event_sequence = 1 where id = $1::uuid),
  e as (insert into event (type, client_id, object_type, object_id, data)
    select t, $3::int, 'instance', $1::uuid::text, '{"name": "bench", "region": "Bench", "vm_state": "active"}'
    from unnest(array['operation.ended', 'instance.state']) t),
  m as (insert into sim_machine (portal_id, backend_id, region, name, host, vcpus, memory_mb, addresses, power_state)
    values ($1::uuid, $1::uuid, 'Bare', 'bench', 'bench', 1, 64, $4::jsonb, 1)),
  b as (insert into outbox (event_id, aggregate, payload) values ($2, $1::uuid::text, $4::jsonb))
  update operation set status = 'completed', completed_at = now() where id = $2`;
const ADDRESSES = JSON.stringify([
  { network: 'bench', version: 4, addr: '10.0.0.1', mac: 'fa:16:3e:00:00:00', type: 'fixed' },
]);
/** @param {string} url @param {typeof FULL} sizes @returns {Promise<number>} creates a second */
const bareRate = async (url, { bare, clients }) => {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  // The server is stopped right after, and the pool does not wait for its connections to be closed.
  pool.on('error', () => undefined);
  try {
    const started = performance.now();
    await times(bare, 10, async (i) => {
      const [id, operation, client] = [randomUUID(), randomUUID(), FIRST_CLIENT + (i % clients)];
      await pool.query({ name: 'accept', text: ACCEPT, values: [id, operation, client, FLAVOR, IMAGE, NETWORK] });
      await pool.query({ name: 'complete', text: COMPLETE, values: [id, operation, client, ADDRESSES] });
    });
    return bare / ((performance.now() - started) / 1000);
  } finally {
    await pool.end();
  }
};

/**
 * Waits until no instance of a round is being built.
 * @param {pg.Client} db @param {string} round @param {number} created
 */
const untilActive = async (db, round, created) => {
  const text = 'select vm_state, count(*)::int n from instance where name = $1 group by 1';
  for (let last = -1, quiet = Date.now(); ; await sleep(250)) {
    const { rows } = await db.query(text, [round]);
    const active = rows.find(({ vm_state: state }) => state === 'active')?.n ?? 0;
    if (active === created) return;
    if (active !== last) quiet = Date.now();
    last = active;
    if (Date.now() > quiet + 30_000) throw new Error(`${created} created, and now: ${JSON.stringify(rows)}`);
  }
};
/**
 * @param {number} port of the gateway @param {string} round the name of its instances @param {typeof FULL} sizes
 * @returns {Promise<number[]>} how long each answer took, in milliseconds
 */
const createAll = async (port, round, { creates, clients, connections }) => {
  const { ask, close } = createCaller({ connections, timeoutMs: 60_000 });
  const headers = { Authorization: `Token ${TOKEN}` };
  /** @type {number[]} */
  const delays = [];
  await times(creates, connections, async (i) => {
    const body = newInstance(FIRST_CLIENT + (i % clients), round);
    const answer = await ask(port, { method: 'POST', path: '/staffapi/openstack/instances', headers, body });
    if (answer.status !== 200 && answer.status !== 201)
      throw new Error(`${answer.status} ${answer.bytes.toString().slice(0, 300)}`);
    delays.push(answer.ms);
  });
  close();
  return delays;
};
/**
 * Creates while one process takes the requests and carries them out.
 * @param {{ url: string, server: number }} database @param {number} port of the gateway
 * @param {number} compute its process @param {string} round @param {typeof FULL} sizes
 */
const burst = ({ url, server }, port, compute, round, sizes) =>
  withClient(url, async (db) => {
    const cpu = { compute: cpuOf(compute), database: cpuOf(server) };
    const started = performance.now();
    const delays = await createAll(port, round, sizes);
    const accepted = performance.now() - started;
    await untilActive(db, round, sizes.creates);
    const active = performance.now() - started;
    return {
      accepted: sizes.creates / (accepted / 1000),
      active: sizes.creates / (active / 1000),
      p50: percentile(delays, 0.5),
      p99: percentile(delays, 0.99),
      msOfCompute: (cpuOf(compute) - cpu.compute) / sizes.creates,
      msOfDatabase: (cpuOf(server) - cpu.database) / sizes.creates,
    };
  });

/** The database knows the sizes of its tables. @param {string} url */
const analyze = (url) => withClient(url, (db) => db.query('vacuum analyze'));
/**
 * Creates that are accepted while no worker runs, and then carried out by one worker process that nobody asks anything.
 * @param {{ url: string, server: number }} database
 * @param {(worker: 'on' | 'off') => Promise<import('./lib-service.mjs').Service>} start
 * @param {typeof FULL} sizes
 */
const backlog = async ({ url, server }, start, sizes) => {
  const api = await start('off');
  try {
    const gateway = await startService('gateway', { NEFOS_COMPUTE_URL: `http://127.0.0.1:${api.port}` });
    await createAll(gateway.port, 'waiting', sizes).finally(() => gateway.stop());
  } finally {
    await api.stop();
  }
  const worker = await start('on');
  try {
    return await withClient(url, async (db) => {
      const ended = `select count(*)::int n from instance where name = 'waiting' and vm_state = 'active'`;
      const before = (await db.query(ended)).rows[0].n;
      const cpu = { compute: cpuOf(worker.pid), database: cpuOf(server) };
      const started = performance.now();
      await untilActive(db, 'waiting', sizes.creates);
      const seconds = (performance.now() - started) / 1000;
      const carriedOut = sizes.creates - before;
      return {
        rate: carriedOut / seconds,
        msOfCompute: (cpuOf(worker.pid) - cpu.compute) / carriedOut,
        msOfDatabase: (cpuOf(server) - cpu.database) / carriedOut,
      };
    });
  } finally {
    await worker.stop();
  }
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : FULL;
  const peers = await startPeers();
  try {
    return await withDatabases(
      ['compute'],
      async ({ urls: { compute: url = '' }, dir, pid: server }) => {
        /** @param {'on' | 'off'} worker */
        const start = (worker) =>
          startCompute(dir, url, peers.url, {
            NEFOS_COMPUTE_SIM_LATENCY_MS: '0',
            NEFOS_COMPUTE_SIM_HOST_MEMORY_MB: '100000000',
            NEFOS_COMPUTE_WORKER: worker,
          });
        const compute = await start('on');
        const gateway = await startService('gateway', { NEFOS_COMPUTE_URL: `http://127.0.0.1:${compute.port}` });
        let got;
        try {
          await load(url, 20 * sizes.clients);
          await withClient(url, async (db) => {
            await db.query('delete from instance');
            await db.query(`update project set quota_limits = '{"instances": 100, "cores": 100, "ram": 1000000}'`);
            await db.query('vacuum analyze instance, project');
          });
          // The first warms.
          await burst({ url, server }, gateway.port, compute.pid, 'first', {
            ...sizes,
            creates: sizes.connections * 4,
          });
          await analyze(url);
          got = await burst({ url, server }, gateway.port, compute.pid, 'burst', sizes);
        } finally {
          await gateway.stop();
          await compute.stop();
        }
        await analyze(url);
        const queued = await backlog({ url, server }, start, sizes);
        // Last: what it writes by hand has no machines, and a worker would see to that.
        const bare = await bareRate(url, sizes);
        const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;
        /** @param {{ msOfCompute: number, msOfDatabase: number }} of */
        const cost = ({ msOfCompute, msOfDatabase }) =>
          `processor time of a create: compute ${ms(msOfCompute)}, database ${ms(msOfDatabase)}`;
        return [
          {
            name: 'accepted creates a second that one worker process makes active',
            value: `${queued.rate.toFixed(0)}/s`,
            target: '>= 300/s',
            ok: queued.rate >= 300,
            detail: cost(queued),
          },
          {
            name: 'creates a second, taken and carried out by one process',
            value: `${got.active.toFixed(0)}/s`,
            target: 'none',
            ok: true,
            detail:
              `accepted at ${got.accepted.toFixed(0)}/s, an answer p50 ${ms(got.p50)}, p99 ${ms(got.p99)}; ` +
              cost(got),
          },
          {
            name: 'the same, next to bare SQL that writes the same rows',
            ratio: got.active / bare,
            target: 'none',
            ok: true,
            detail: `bare SQL ${bare.toFixed(0)}/s over ten connections`,
          },
        ];
      },
      { durable: true },
    );
  } finally {
    peers.close();
  }
};
