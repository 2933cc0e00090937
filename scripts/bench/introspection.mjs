// @ts-check
// Reports of machines: how many a second, next to bare node:http with one INSERT; a thousand machines that report
// within ten seconds; the list of runs and the look-up by MAC when there are many. With the database's settings of an
// installation.
import { benchLists, benchLookUp } from './lib-introspection-many.mjs';
import { benchReports, benchStorm } from './lib-introspection-reports.mjs';

const FULL = {
  reports: { few: { connections: 1, reports: 300 }, many: { connections: 32, reports: 2000 }, rounds: 5 },
  storm: { machines: 1000, seconds: 10 },
  lists: { few: 200, many: 100_000, requests: 500 },
  lookUp: { few: 100, many: 100_000, requests: 300 },
};
const SMOKE = {
  reports: { few: { connections: 1, reports: 5 }, many: { connections: 4, reports: 20 }, rounds: 1 },
  storm: { machines: 20, seconds: 1 },
  lists: { few: 200, many: 400, requests: 3 },
  lookUp: { few: 20, many: 100, requests: 3 },
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : FULL;
  return [
    ...(await benchReports(sizes.reports)),
    ...(await benchStorm(sizes.storm)),
    ...(await benchLists(sizes.lists)),
    ...(await benchLookUp(sizes.lookUp)),
  ];
};
