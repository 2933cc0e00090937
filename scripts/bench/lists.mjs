// @ts-check
// First pages of long lists next to the same pages of short ones, through the gateway, for staff and for an end user.
// BENCH_LISTS=volumes,ports measures these only.
import { OWN_TOKEN, OWNER, startCompute, startPeers, TOKEN } from './lib-compute.mjs';
import { FIRST_CLIENT, load, NETWORK } from './lib-compute-data.mjs';
import { median, percentile } from './lib-figures.mjs';
import { loadLists } from './lib-lists-data.mjs';
import { bodyOf, createCaller, startService, withDatabases } from './lib-service.mjs';

const FULL = { few: 200, many: 1_000_000, requests: 150, rounds: 3 };
const SMOKE = { few: 200, many: 400, requests: 3, rounds: 1 };

/** The end of a page's address, for everybody. */
const PAGES = {
  instances: ['', '?ordering=name', '?filtering=status:active', '?filtering=region:Bench', '?page_size=100'],
  images: ['', '?ordering=-created_at', '?filtering=status:active', '?type=snapshot', '?filtering=region:Bench'],
  volumes: ['', '?ordering=name', '?status=available', '?filtering=volume_type:fast', '?filtering=region:Bench'],
  ports: ['', '?ordering=name', `?network_id=${NETWORK}`],
  floatingips: ['', '?ordering=floating_ip_address', '?filtering=status:ACTIVE'],
};
/** What only staff ask for. */
const STAFF_PAGES = {
  instances: [`?filtering=project__service__client__id:${FIRST_CLIENT}`],
  images: [],
  volumes: [`?filtering=client__id:${FIRST_CLIENT}`, '?filtering=status:error'],
  ports: ['?filtering=mac_address:fa:16:3e:00:00:01'],
  floatingips: ['?filtering=floating_ip_address:11.64.0.1'],
};
/** @returns {(keyof typeof PAGES)[]} */
const wanted = () => {
  const all = /** @type {(keyof typeof PAGES)[]} */ (Object.keys(PAGES));
  const only = process.env.BENCH_LISTS?.split(',');
  return all.filter((resource) => !only || only.includes(resource));
};
/** @returns {{ who: 'staff' | 'end user', resource: keyof typeof PAGES, path: string }[]} */
const questions = () =>
  wanted().flatMap((resource) => [
    ...[...PAGES[resource], ...STAFF_PAGES[resource]].map((end) => ({
      who: /** @type {const} */ ('staff'),
      resource,
      path: `/staffapi/openstack/${resource}${end}`,
    })),
    ...PAGES[resource].map((end) => ({
      who: /** @type {const} */ ('end user'),
      resource,
      path: `/api/openstack/${resource}${end}`,
    })),
  ]);

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : { ...FULL, many: Number(process.env.BENCH_ROWS ?? FULL.many) };
  const peers = await startPeers();
  const { ask, close } = createCaller({ connections: 1 });
  try {
    return await withDatabases(['few', 'many'], async ({ urls: { few = '', many = '' }, dir }) => {
      /** @type {import('./lib-service.mjs').Service[]} */
      const services = [];
      /** @param {string} url @param {number} rows */
      const start = async (url, rows) => {
        const compute = await startCompute(dir, url, peers.url, { NEFOS_COMPUTE_WORKER: 'off' });
        services.push(compute);
        await load(url, rows);
        await loadLists(url, rows, OWNER);
        const gateway = await startService('gateway', { NEFOS_COMPUTE_URL: `http://127.0.0.1:${compute.port}` });
        services.push(gateway);
        return gateway.port;
      };
      try {
        const ports = { few: await start(few, sizes.few), many: await start(many, sizes.many) };
        /** @param {number} port @param {{ who: string, path: string }} question */
        const timesOf = async (port, { who, path }) => {
          const headers = { Authorization: `Token ${who === 'staff' ? TOKEN : OWN_TOKEN}` };
          const times = [];
          for (let i = 0; i < sizes.requests; i += 1) {
            const answer = await ask(port, { path, headers });
            bodyOf(answer, path);
            times.push(answer.ms);
          }
          return times;
        };
        /** @type {import('./lib-figures.mjs').Result[]} */
        const results = [];
        for (const question of questions()) {
          const p99 = { few: /** @type {number[]} */ ([]), many: /** @type {number[]} */ ([]) };
          const p50 = { few: /** @type {number[]} */ ([]), many: /** @type {number[]} */ ([]) };
          // The first round warms.
          for (let round = -1; round < sizes.rounds; round += 1)
            for (const size of /** @type {const} */ (['few', 'many'])) {
              const times = await timesOf(ports[size], question);
              if (round < 0) continue;
              p99[size].push(percentile(times, 0.99));
              p50[size].push(median(times));
            }
          const ratio = median(p99.many) / median(p99.few);
          const ms = (/** @type {number[]} */ values) => median(values).toFixed(1);
          results.push({
            name: `p99 of ${question.path}, ${question.who}, ${sizes.many} rows to ${sizes.few}`,
            ratio,
            target: '<= 1.5 x',
            ok: ratio <= 1.5,
            detail: `${ms(p99.many)} ms to ${ms(p99.few)} ms; p50 ${ms(p50.many)} ms to ${ms(p50.few)} ms`,
          });
        }
        return results;
      } finally {
        for (const service of services.reverse()) await service.stop();
      }
    });
  } finally {
    close();
    peers.close();
  }
};
