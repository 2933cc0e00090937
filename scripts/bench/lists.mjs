// @ts-check
// First pages of long lists next to the same pages of short ones, through the gateway, for staff and for an end user.
// BENCH_LISTS=volumes,ports measures these only.
import { OWN_TOKEN, OWNER, startCompute, startPeers, TOKEN } from './lib-compute.mjs';
import { FIRST_CLIENT, load, NETWORK } from './lib-compute-data.mjs';
import { percentile } from './lib-figures.mjs';
import { loadLists } from './lib-lists-data.mjs';
import { bodyOf, createCaller, startService, withDatabases } from './lib-service.mjs';

const FULL = { few: 200, many: 1_000_000, requests: 500 };
const SMOKE = { few: 200, many: 400, requests: 3 };
/** Requests that warm come before. */
const WARM = 50;

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

/**
 * @typedef {ReturnType<typeof questions>[number]} Question
 * @typedef {Record<'few' | 'many', number>} Two
 */
/**
 * Asks each question of both in turn, request by request, so that whatever else the machine does meets both alike.
 * @param {readonly Question[]} questions
 * @param {{ ports: Two, rows: Two, requests: number, ask: ReturnType<typeof createCaller>['ask'] }} of
 * @returns {Promise<import('./lib-figures.mjs').Result[]>}
 */
const measure = async (questions, { ports, rows, requests, ask }) => {
  /** @type {import('./lib-figures.mjs').Result[]} */
  const results = [];
  for (const { who, path } of questions) {
    const headers = { Authorization: `Token ${who === 'staff' ? TOKEN : OWN_TOKEN}` };
    const times = { few: /** @type {number[]} */ ([]), many: /** @type {number[]} */ ([]) };
    for (let n = -Math.min(WARM, requests); n < requests; n += 1)
      for (const size of /** @type {const} */ (['few', 'many'])) {
        const answer = await ask(ports[size], { path, headers });
        bodyOf(answer, path);
        if (n >= 0) times[size].push(answer.ms);
      }
    const ms = (/** @type {number} */ share) => {
      const [many, few] = [percentile(times.many, share), percentile(times.few, share)];
      return { ratio: many / few, said: `${many.toFixed(1)} ms to ${few.toFixed(1)} ms` };
    };
    const [p99, p50] = [ms(0.99), ms(0.5)];
    results.push({
      name: `p99 of ${path}, ${who}, ${rows.many} rows to ${rows.few}`,
      ratio: p99.ratio,
      target: '<= 1.5 x',
      ok: p99.ratio <= 1.5,
      detail: `${p99.said}; p50 ${p50.said}`,
    });
  }
  return results;
};

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
        return await measure(questions(), { ports, requests: sizes.requests, ask, rows: sizes });
      } finally {
        for (const service of services.reverse()) await service.stop();
      }
    });
  } finally {
    close();
    peers.close();
  }
};
