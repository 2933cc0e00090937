import { listRegionIds } from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import type { ComputeDriver, DriverError } from '../../ports/driver.js';
import { claimReadings, pruneDays, type DueReading } from '../store/traffic.js';
import { countReadings, type Reading } from './count.js';
import { dayOf } from './moment.js';

/** Machines that are taken at once, and the calls of a driver that are open at once. */
const BATCH = 200;
const OPEN = 8;
/** A round takes at most so many batches; the next one goes on. */
const BATCHES = 250;
/** Days of traffic that are kept. */
const KEPT_DAYS = 400;
/** A driver that fails so is asked for no more machines in this batch. */
const AWAY = new Set(['UNAVAILABLE', 'TIMEOUT', 'AUTH', 'RATE_LIMITED', 'UNSUPPORTED', 'FORBIDDEN']);

/** Reads machines of a driver one by one, a few at a time; those that can not be read are left out. */
const readOneByOne = async (driver: ComputeDriver, due: readonly DueReading[]): Promise<Reading[]> => {
  const readings: Reading[] = [];
  const waiting = [...due];
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const { instanceId, version, backendId } = one;
      try {
        const counters = (await driver.counters?.({ portalId: instanceId, backendId })) ?? [];
        readings.push({ instanceId, version, counters });
      } catch (err) {
        if (AWAY.has((err as DriverError).code)) waiting.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: OPEN }, next));
  return readings;
};
const readMachines = async (driver: ComputeDriver, due: readonly DueReading[]): Promise<Reading[]> => {
  if (!driver.countersOf) return readOneByOne(driver, due);
  const found = await driver.countersOf(due.map(({ instanceId: portalId, backendId }) => ({ portalId, backendId })));
  return due.flatMap(({ instanceId, version }) => {
    const counters = found.get(instanceId);
    return counters ? [{ instanceId, version, counters }] : [];
  });
};
/**
 * Reads the counters of running machines that are due, in the regions whose drivers count. Several processes share the
 * work; what one of them has taken and not counted is read again at its next time, and nothing is lost by that:
 * counters go on.
 */
export const sweepTraffic = async (ctx: ComputeCtx): Promise<{ read: number; counted: number; failed: number }> => {
  const total = { read: 0, counted: 0, failed: 0 };
  const regions = (await listRegionIds(ctx.db)).filter((id) => ctx.drivers.of(id).capabilities.actions.has('counters'));
  if (!regions.length) return total;
  const seconds = ctx.config.NEFOS_COMPUTE_TRAFFIC_SECONDS;
  for (let round = 0; round < BATCHES; round += 1) {
    const due = await claimReadings(ctx.db, { regions, limit: BATCH, seconds });
    for (const region of new Set(due.map((one) => one.regionId))) {
      const mine = due.filter((one) => one.regionId === region);
      const readings = await readMachines(ctx.drivers.of(region), mine).catch((err: unknown) => {
        ctx.log.warn({ err, region }, 'the traffic of a region could not be read');
        return [];
      });
      total.read += readings.length;
      total.failed += mine.length - readings.length;
      total.counted += await countReadings(ctx, readings);
    }
    if (due.length < BATCH) break;
  }
  return total;
};
/** Throws away days that are kept no longer. @returns how many */
export const sweepOldTraffic = async (ctx: ComputeCtx): Promise<number> => {
  const before = dayOf(
    new Date(ctx.clock.now().getTime() - KEPT_DAYS * 86_400_000),
    ctx.config.NEFOS_COMPUTE_TIME_ZONE,
  );
  let gone = 0;
  for (let portion = 5000; portion === 5000; gone += portion) portion = await pruneDays(ctx.db, before, 5000);
  return gone;
};
