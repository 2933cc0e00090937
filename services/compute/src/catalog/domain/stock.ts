import { createHash } from 'node:crypto';
import type { ComputeCtx } from '../../ctx.js';
import type { ComputeDriver, HostView } from '../../ports/driver.js';
import { claimStaleRegions, listSizes, markHostsDown, writeHosts, writeRoom, type FlavorSize } from '../store/stock.js';
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

/** Asks a driver for its hosts and for the room that they have, and stores both. @throws DriverError */
const refreshRegion = async (ctx: ComputeCtx, regionId: string, driver: ComputeDriver): Promise<void> => {
  const hosts = (await driver.hosts?.()) ?? [];
  const rooms: { size: FlavorSize; hasRoom: boolean }[] = [];
  // Nothing known counts as room: the hypervisor itself refuses then.
  for (const size of await listSizes(ctx.db, regionId))
    rooms.push({ size, hasRoom: ((await driver.capacity(size)) ?? 1) > 0 });
  await ctx.db.transaction(async (tx) => {
    await writeHosts(tx, regionId, hosts.map(rowOf(regionId)));
    for (const { size, hasRoom } of rooms) await writeRoom(tx, regionId, size, hasRoom);
  });
};
/**
 * Refreshes what is known of each region's hosts: once a minute, and soon after an operation that changes what is
 * free (contract compute §8.3). Requests read what is stored here and ask no driver.
 * @returns how many regions were refreshed, and of how many the driver did not answer
 */
export const sweepStock = async (ctx: ComputeCtx): Promise<{ refreshed: number; silent: number }> => {
  const result = { refreshed: 0, silent: 0 };
  for (const regionId of await claimStaleRegions(ctx.db))
    try {
      await refreshRegion(ctx, regionId, ctx.drivers.of(regionId));
      result.refreshed += 1;
    } catch (err) {
      if (!(err instanceof Error) || err.name !== 'DriverError') throw err;
      ctx.log.warn({ err, region: regionId }, 'the driver does not tell of its hosts');
      await markHostsDown(ctx.db, regionId);
      result.silent += 1;
    }
  return result;
};
