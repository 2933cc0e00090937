// @ts-check
// The concurrency report at three sizes, and beside the original's algorithm on the same rows.
import { median } from './lib-figures.mjs';
import { DAYS, FIRST, load } from './lib-metering-data.mjs';
import { originalUsage } from './lib-original-usage.mjs';
import { bodyOf } from './lib-service.mjs';

/** @typedef {import('./lib-figures.mjs').Result} Result */
/** @typedef {ReturnType<typeof import('./lib-service.mjs').createCaller>['ask']} Ask */
/** @typedef {{ ms: number, bytes: Buffer }} Report */

const TARGET = `/v2/concurrent/?start_date=${FIRST}&end_date=2019-07-01&limit=100`;
/** @param {string} number */
const identityHeader = (number) => ({
  'X-RH-IDENTITY': Buffer.from(JSON.stringify({ identity: { account_number: number } })).toString('base64'),
});

/**
 * Asks for reports of one account after a first one that warms.
 * @param {Ask} ask @param {number} port
 * @returns {(number: string, rounds?: number) => Promise<Report>}
 */
const reports =
  (ask, port) =>
  async (number, rounds = 5) => {
    const one = async () => {
      const answer = await ask(port, { path: TARGET, headers: identityHeader(number) });
      return { ms: answer.ms, bytes: bodyOf(answer, TARGET) };
    };
    const { bytes } = await one();
    const times = [];
    for (let i = 0; i < rounds; i += 1) times.push((await one()).ms);
    return { ms: median(times), bytes };
  };

/**
 * @param {import('pg').Client} db @param {Ask} ask @param {number} port
 * @param {[number, number, number]} sizes numbers of instances
 * @returns {Promise<Result[]>}
 */
export const benchReports = async (db, ask, port, sizes) => {
  const measure = reports(ask, port);
  /** @param {number} n */
  const at = async (n) => {
    await load(db, `bench-${n}`, n, 2, 0.6);
    return measure(`bench-${n}`, n > 50_000 ? 3 : 5);
  };
  const [small, middle, large] = [await at(sizes[0]), await at(sizes[1]), await at(sizes[2])];
  /** @param {number} a @param {number} b */
  const nlogn = (a, b) => (b * Math.log(b)) / (a * Math.log(a));
  const growth = large.ms / small.ms / nlogn(sizes[0], sizes[2]);
  const megabytes = (/** @type {Report} */ { bytes }) => `${(bytes.length / 1e6).toFixed(1)} MB`;
  return [
    {
      name: 'concurrency, 30 days, 10,000 instances x 2 runs',
      value: `${middle.ms.toFixed(0)} ms`,
      target: '<= 500 ms',
      ok: middle.ms <= 500,
      detail: `${megabytes(middle)} of answer`,
    },
    {
      name: 'its growth from 1,000 to 100,000 instances, to n log n',
      ratio: growth,
      target: '<= 1',
      ok: growth <= 1,
      detail: [small, middle, large]
        .map((report, i) => `${sizes[i]}: ${report.ms.toFixed(0)} ms, ${megabytes(report)}`)
        .join('; '),
    },
  ];
};

/** Days with their instances in one order. @param {{ instances_list: { cloud_instance_id: string }[] }[]} days */
const sorted = (days) =>
  JSON.stringify(
    days.map((day) => ({ ...day, instances_list: day.instances_list.map(({ cloud_instance_id: id }) => id).sort() })),
  );
/**
 * The same numbers as the original's, and how much sooner.
 * @param {import('pg').Client} db @param {Ask} ask @param {number} port
 * @param {{ instances: number, rounds: number, kinds: { name: string, runs: number, target?: number }[] }} options
 * @throws Error when the reports differ
 * @returns {Promise<Result[]>}
 */
export const benchOriginal = async (db, ask, port, { instances, rounds, kinds }) => {
  const measure = reports(ask, port);
  const results = [];
  for (const { name, runs, target } of kinds) {
    const number = `bench-original-${runs}`;
    const user = await load(db, number, instances, runs, 0.6);
    const measured = [];
    let queries = 0;
    for (let round = 0; round < rounds; round += 1) {
      const ours = await measure(number, 9);
      const started = performance.now();
      const original = await originalUsage(db, user, FIRST, DAYS);
      measured.push({ ours: ours.ms, original: performance.now() - started });
      ({ queries } = original);
      if (sorted(JSON.parse(ours.bytes.toString()).data) !== sorted(original.days))
        throw new Error("the report differs from the original's");
    }
    const ratio = median(measured.map((one) => one.original / one.ours));
    const times = measured.map((one) => `${one.ours.toFixed(1)} ms of ${one.original.toFixed(0)} ms`).join(', ');
    results.push({
      name: `concurrency, 100 instances x ${name}, to the original's algorithm`,
      ratio,
      target: target ? `>= ${target} x` : 'no target',
      ok: !target || ratio >= target,
      detail: `${times}; the original's ${queries} queries; equal results`,
    });
  }
  return results;
};
