// @ts-check
// The concurrency report at three sizes, beside the original's algorithm on the same rows, and the rate at which events
// are taken.
import { benchIngest, TOKEN } from './lib-metering-ingest.mjs';
import { benchOriginal, benchReports } from './lib-metering-reports.mjs';
import { createCaller, startPeer, startService, tokenAnswer, withClient, withDatabases } from './lib-service.mjs';

const EVERY_DAY = { name: '2 runs a day', runs: 60, target: 300 };
const FULL = {
  reports: /** @type {[number, number, number]} */ ([1_000, 10_000, 100_000]),
  original: { instances: 100, rounds: 3, kinds: [{ name: '2 runs each in 30 days', runs: 2 }, EVERY_DAY] },
  ingest: { instances: 2_000, each: 15, rounds: 3 },
};
const SMOKE = {
  reports: /** @type {[number, number, number]} */ ([10, 20, 30]),
  original: { instances: 5, rounds: 1, kinds: [{ name: '2 runs each in 30 days', runs: 2 }] },
  ingest: { instances: 100, each: 15, rounds: 1 },
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : FULL;
  const text = tokenAnswer({ id: 'component:nefos-compute', name: 'nefos-compute', roles: ['events.send'] });
  const identity = await startPeer(() => ({ text }));
  const { ask, close } = createCaller({ connections: 8 });
  try {
    return await withDatabases(['metering'], async ({ urls: { metering: url = '' } }) => {
      const { port, stop } = await startService('metering', {
        NEFOS_METERING_DATABASE_URL: url,
        NEFOS_METERING_TOKEN: TOKEN,
        NEFOS_IDENTITY_URL: identity.url,
      });
      try {
        return await withClient(url, async (db) => [
          ...(await benchReports(db, ask, port, sizes.reports)),
          ...(await benchOriginal(db, ask, port, sizes.original)),
          ...(await benchIngest(db, ask, port, sizes.ingest)),
        ]);
      } finally {
        await stop();
      }
    });
  } finally {
    close();
    identity.close();
  }
};
