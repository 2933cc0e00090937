import { createHash } from 'node:crypto';
import type { ComputeCtx } from '../../ctx.js';
import type { ComputeDriver, DriverError, HostView } from '../../ports/driver.js';
import { claimStaleRegions, listSizes, markHostsDown, writeHosts, writeRoom } from '../store/stock.js';
import type { Hypervisor } from '../store/hypervisors.js';

/** The id of a host, made of its region and the driver's own id: the same in every round and every process. */
const hostIdOf = (regionId: string, id: string): string =>
  createHash('sha256')
    .update(`${regionId}\n${id}`)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
const rowOf =
  (regionId: string) =>
  ({ id, ...host }: HostView): Hypervisor => ({ ...host, id: hostIdOf(regionId, id), regionId });

/** A driver that may not see its hosts has none; for everything else it has to answer. @throws DriverError */
const hostsOf = async (driver: ComputeDriver): Promise<HostView[]> => {
  try {
    return (await driver.hosts?.()) ?? [];
  } catch (err) {
    if (['FORBIDDEN', 'UNSUPPORTED'].includes((err as DriverError).code)) return [];
    throw err;
  }
};
/** Asks a driver for its hosts and for the room that they have, and stores both. @throws DriverError */
const refreshRegion = async (ctx: ComputeCtx, regionId: string, driver: ComputeDriver): Promise<void> => {
  const hosts = await hostsOf(driver);
  await ctx.db.transaction((tx) => writeHosts(tx, regionId, hosts.map(rowOf(regionId))));
  for (const size of await listSizes(ctx.db, regionId)) {
    const room = await driver.capacity(size);
    // What is not known counts as room: the hypervisor itself refuses then.
    await ctx.db.transaction((tx) => writeRoom(tx, regionId, size, (room ?? 1) > 0));
  }
};
/** @returns whether the driver answered */
const tryRegion = async (ctx: ComputeCtx, regionId: string): Promise<boolean> => {
  try {
    await refreshRegion(ctx, regionId, ctx.drivers.of(regionId));
    return true;
  } catch (err) {
    if (!(err instanceof Error) || err.name !== 'DriverError') throw err;
    ctx.log.warn({ err, region: regionId }, 'the driver does not tell of its hosts');
    await markHostsDown(ctx.db, regionId);
    return false;
  }
};
/**
 * Refreshes what is known of each region's hosts: once a minute, and soon after an operation that changes what is
 * free (contract compute §8.3). Requests read what is stored here and ask no driver. Regions do not wait for each
 * other's drivers.
 * @returns how many regions were refreshed, and of how many the driver did not answer
 */
export const sweepStock = async (ctx: ComputeCtx): Promise<{ refreshed: number; silent: number }> => {
  const answered = await Promise.all((await claimStaleRegions(ctx.db)).map((id) => tryRegion(ctx, id)));
  const refreshed = answered.filter(Boolean).length;
  return { refreshed, silent: answered.length - refreshed };
};
