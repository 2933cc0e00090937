// @ts-check
// OpenStack's image API: a long list read page by page to its end, with the memory that this takes next to that of as
// many pages of a short list, and the first pages of each visibility and order next to those of the short list, as the
// end user of one project.
import * as fs from 'node:fs';
import { OWN_TOKEN, OWNER, startCompute, startOwner } from './lib-compute.mjs';
import { FIRST_CLIENT, load } from './lib-compute-data.mjs';
import { median, percentile } from './lib-figures.mjs';
import { bodyOf, createCaller, withClient, withDatabases } from './lib-service.mjs';

/** `others`: images of other projects, which the end user does not see, beside each that they see. */
const FULL = { few: 200, many: 10_000, others: 10, requests: 200, warm: 5, walks: 15 };
const SMOKE = { few: 200, many: 400, others: 1, requests: 3, warm: 1, walks: 1 };
const PAGE = 100;
const IMAGES = '/image/v2/images';
/** The end of a first page's address. */
const FIRST_PAGES = [
  '',
  '?visibility=public',
  '?visibility=private',
  '?visibility=shared',
  '?visibility=community',
  '?visibility=all',
  '?member_status=pending&visibility=shared',
  '?sort=name:asc',
  // In these orders one's own and those that are shared are sorted, however many: see docs/openstack-image.md.
  '?visibility=public&sort=size:desc',
  '?visibility=public&sort=status:asc',
];

/**
 * A fourth is public, a fourth the project's own; the others' are shared with it: half accepted, half its own to share.
 * As many community images as public ones, which only those see who ask, and as many shares to be answered.
 */
const VISIBLE = `insert into image (id, region_id, project_id, name, visibility, created_at)
  select gen_random_uuid(), 'Bench',
    case n % 4 when 0 then null when 3 then md5($2::int::text) else md5($1::int::text) end,
    'seen-' || n, case n % 4 when 0 then 'public' when 1 then 'private' else 'shared' end, now() - n * interval '1 s'
  from generate_series(0, $3::int - 1) n`;
const OFFERED = `insert into image (id, region_id, project_id, name, visibility, created_at)
  select gen_random_uuid(), 'Bench', md5($1::int::text), case n % 2 when 0 then 'offered-' else 'asked-' end || n,
    case n % 2 when 0 then 'community' else 'shared' end, now() - n * interval '1 s'
  from generate_series(0, $2::int - 1) n`;
const OTHERS = `insert into image (id, region_id, project_id, name, visibility, created_at)
  select gen_random_uuid(), 'Bench', md5((${FIRST_CLIENT + 1} + n % 9)::text), 'other-' || n,
    case n % 2 when 0 then 'private' else 'shared' end, now() - n * interval '1 s'
  from generate_series(0, $1::int - 1) n`;
const MEMBERS = `insert into image_member (image_id, project_id, status)
  select id, md5($1::int::text), case when name like 'asked-%' then 'pending' else 'accepted' end
  from image where visibility = 'shared' and project_id = md5($2::int::text) and name not like 'other-%'`;

/** @param {string} url @param {number} seen in the end user's list @param {number} others for each of them */
const loadImages = async (url, seen, others) => {
  await load(url, 0);
  await withClient(url, async (db) => {
    // The catalog's own image would be one more than was asked for.
    await db.query('delete from image');
    await db.query(VISIBLE, [FIRST_CLIENT, FIRST_CLIENT + 1, seen]);
    await db.query(OFFERED, [FIRST_CLIENT + 1, seen / 2]);
    await db.query(OTHERS, [seen * others]);
    await db.query(MEMBERS, [FIRST_CLIENT, FIRST_CLIENT + 1]);
    await db.query(
      'insert into client_user (client_id, user_id, is_owner) select $1, id, true from portal_user where uuid = $2',
      [FIRST_CLIENT, OWNER],
    );
    await db.query('vacuum analyze');
  });
};
/** Bytes of memory that a process has now. @param {number} pid */
const memoryOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
const megabytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`;

/**
 * @typedef {ReturnType<typeof createCaller>['ask']} Ask
 * @typedef {{ port: number, pid: number }} Compute
 * @typedef {import('./lib-figures.mjs').Result} Result
 */
const headers = { 'X-Auth-Token': OWN_TOKEN };
/**
 * Follows `next` from the first page to the last.
 * @param {Ask} ask @param {Compute} compute @param {number} rows that have to come, each once
 * @returns {Promise<{ times: number[], memory: number }>} of each page; the most memory at its end
 */
const walk = async (ask, { port, pid }, rows) => {
  const times = [];
  const ids = new Set();
  let memory = 0;
  let read = 0;
  /** @type {string | undefined} */
  let next = `/v2/images?limit=${PAGE}`;
  while (next !== undefined) {
    const answer = await ask(port, { path: `/image${next}`, headers });
    /** @type {{ images: { id: string }[], next?: string }} */
    const page = JSON.parse(bodyOf(answer, next).toString());
    for (const { id } of page.images) ids.add(id);
    read += page.images.length;
    times.push(answer.ms);
    memory = Math.max(memory, memoryOf(pid));
    next = page.next;
  }
  if (read !== rows || ids.size !== rows) throw new Error(`${read} images, ${ids.size} of them different, not ${rows}`);
  return { times, memory };
};
/**
 * The most memory of a process that reads the short list over and over: as many pages as are read of the long one.
 * @param {Ask} ask @param {Compute} compute @param {typeof FULL} sizes
 */
const memoryOfShort = async (ask, compute, { few, many, warm, walks }) => {
  let memory = 0;
  for (let n = 0; n < ((warm + walks) * many) / few; n += 1)
    memory = Math.max(memory, (await walk(ask, compute, few)).memory);
  return memory;
};
/**
 * @param {Ask} ask @param {Record<'few' | 'many', Compute>} computes @param {typeof FULL} sizes
 * @returns {Promise<Result[]>}
 */
const measureWalks = async (ask, computes, sizes) => {
  const { few, many, warm, walks } = sizes;
  const compute = computes.many;
  const base = await memoryOfShort(ask, computes.few, sizes);
  let before = 0;
  for (let n = 0; n < warm; n += 1) before = Math.max(before, (await walk(ask, compute, many)).memory);
  let after = 0;
  const ends = { first: /** @type {number[]} */ ([]), last: /** @type {number[]} */ ([]) };
  for (let n = 0; n < walks; n += 1) {
    const { times, memory } = await walk(ask, compute, many);
    const tenth = Math.ceil(times.length / 10);
    ends.first.push(...times.slice(0, tenth));
    ends.last.push(...times.slice(-tenth));
    after = Math.max(after, memory);
  }
  const [first, last] = [median(ends.first), median(ends.last)];
  return [
    {
      name: `memory, ${many} images page by page ${walks} times more`,
      ratio: after / before,
      target: '<= 1.2 x',
      ok: after / before <= 1.2,
      detail: `${megabytes(after)} to ${megabytes(before)} in the first ${warm}`,
    },
    {
      name: `memory, ${many} images page by page to as many pages of ${few}`,
      ratio: after / base,
      target: '<= 1.2 x',
      ok: after / base <= 1.2,
      detail: `${megabytes(after)} to ${megabytes(base)}`,
    },
    {
      name: `the last tenth of ${many} images' pages to the first`,
      ratio: last / first,
      target: '<= 1.5 x',
      ok: last / first <= 1.5,
      detail: `p50 ${last.toFixed(1)} ms to ${first.toFixed(1)} ms`,
    },
  ];
};
/**
 * Asks both in turn, request by request, so that whatever else the machine does meets both alike.
 * @param {Ask} ask @param {Record<'few' | 'many', Compute>} computes @param {typeof FULL} sizes
 * @returns {Promise<Result[]>}
 */
const measureFirstPages = async (ask, computes, { few, many, requests }) => {
  /** @type {Result[]} */
  const results = [];
  for (const end of FIRST_PAGES) {
    const times = { few: /** @type {number[]} */ ([]), many: /** @type {number[]} */ ([]) };
    for (let n = -Math.min(30, requests); n < requests; n += 1)
      for (const size of /** @type {const} */ (['few', 'many'])) {
        const answer = await ask(computes[size].port, { path: IMAGES + end, headers });
        /** @type {{ images: unknown[] }} */
        const { images } = JSON.parse(bodyOf(answer, end).toString());
        // Pages of unlike length would not be comparable.
        if (images.length !== 25) throw new Error(`${IMAGES}${end}: ${images.length} images of ${size}`);
        if (n >= 0) times[size].push(answer.ms);
      }
    const [long, short] = [median(times.many), median(times.few)];
    results.push({
      name: `p50 of ${IMAGES}${end}, ${many} images to ${few}`,
      ratio: long / short,
      target: '<= 1.5 x',
      ok: long / short <= 1.5,
      detail: `${long.toFixed(1)} ms to ${short.toFixed(1)} ms; p99 ${percentile(times.many, 0.99).toFixed(1)} ms`,
    });
  }
  return results;
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : FULL;
  const { ask, close } = createCaller({ connections: 1 });
  try {
    return await withDatabases(['few', 'many'], async ({ urls: { few = '', many = '' }, dir }) => {
      const owner = await startOwner(few, FIRST_CLIENT);
      /** @type {import('./lib-service.mjs').Service[]} */
      const services = [];
      /** @param {string} url @param {number} rows */
      const start = async (url, rows) => {
        const compute = await startCompute(dir, url, owner.url, { NEFOS_COMPUTE_WORKER: 'off' });
        services.push(compute);
        await loadImages(url, rows, sizes.others);
        return compute;
      };
      try {
        const computes = { few: await start(few, sizes.few), many: await start(many, sizes.many) };
        return [...(await measureFirstPages(ask, computes, sizes)), ...(await measureWalks(ask, computes, sizes))];
      } finally {
        for (const service of services.reverse()) await service.stop();
        owner.close();
      }
    });
  } finally {
    close();
  }
};
