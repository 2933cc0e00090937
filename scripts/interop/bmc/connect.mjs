// @ts-check
// The drivers of BMCs as introspection has them, without the service around them.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { root } from '../../lib/prepare.mjs';

/** @typedef {import('../../../services/introspection/dist/bmc/domain/driver.js').Bmc} Bmc */
const LIMIT_MS = 60_000;

/**
 * @param {'redfish' | 'ipmi'} driver
 * @param {Record<string, string | number | boolean>} info driver_info
 * @param {{ caDirectory?: string }} [settings]
 * @returns {Promise<Bmc>}
 */
export const connectTo = async (driver, info, { caDirectory } = {}) => {
  const file = path.join(root, `services/introspection/dist/bmc/${driver}/driver.js`);
  const drivers = await import(pathToFileURL(file).href);
  const bmc = {
    networks: ['127.0.0.0/8'],
    caDirectory: caDirectory ?? null,
    timeoutMs: 15_000,
    powerTimeoutSeconds: LIMIT_MS / 1000,
    ipmitool: 'ipmitool',
    ipmiPauseMs: 0,
  };
  return drivers[driver].connect({ bmc }, { uuid: driver, driver, info }, new AbortController().signal);
};
/** How something failed. @param {Promise<unknown>} work @returns {Promise<{ failure?: string, message: string }>} */
export const failureOf = (work) =>
  work.then(
    () => ({ message: 'it did not fail' }),
    (err) => err,
  );
/** Whether it comes to hold within a minute. @param {() => Promise<boolean>} holds */
export const until = async (holds) => {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(500)) if (await holds()) return true;
  return false;
};
