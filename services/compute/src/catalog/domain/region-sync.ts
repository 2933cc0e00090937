import { notFound, unavailable } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { DriverError } from '../../ports/driver.js';
import type { CloudCatalog } from '../cloud-catalog.js';
import { refusal } from '../../refusals.js';
import { findRegionDriver, lockRegionDriver } from '../store/region-drivers.js';
import {
  listTakenNames,
  syncFlavors,
  syncImages,
  syncNetworks,
  syncSubnets,
  type Synced,
} from '../store/region-sync.js';

const readCatalog = async (read: () => Promise<CloudCatalog>): Promise<CloudCatalog> => {
  try {
    return await read();
  } catch (err) {
    const { name, message } = err as DriverError;
    if (name !== 'DriverError') throw err;
    throw unavailable('driver.unavailable', { reason: message }, err);
  }
};
/** A cloud may have a name twice, or one that the catalog has: then the cloud's id is a part of it. */
const withNames = <T extends { backendId: string; name: string }>(all: readonly T[], taken: readonly string[]): T[] => {
  const used = new Set(taken);
  return all.map((one) => {
    const name = used.has(one.name) ? `${one.name.slice(0, 200)} (${one.backendId.slice(0, 36)})` : one.name;
    used.add(name);
    return { ...one, name };
  });
};
/**
 * Brings flavors, public images and shared networks of a region's cloud into the catalog, by the cloud's ids; what the
 * cloud does not have any more goes out of use, and stays for the instances that are made of it.
 * @returns how many, by kind
 * @throws Fault not_found, conflict/region.no_catalog, unavailable/driver.unavailable
 */
export const syncRegion = async (
  { db, drivers }: Pick<ComputeCtx, 'db' | 'drivers'>,
  regionId: string,
): Promise<Record<'flavors' | 'images' | 'networks' | 'subnets', Synced>> => {
  const row = await findRegionDriver(db, regionId);
  if (!row) throw notFound();
  await drivers.refresh(regionId);
  const driver = drivers.of(regionId);
  if (!driver.readCatalog) throw refusal('conflict', 'region.no_catalog', { driver: row.driver });
  const cloud = await readCatalog(() => driver.readCatalog?.() as Promise<CloudCatalog>);
  return db.transaction(async (tx) => {
    // One at a time, and not of a cloud that the region has left meanwhile.
    const now = await lockRegionDriver(tx, regionId);
    if (now?.driver !== row.driver) throw notFound();
    const networks = cloud.networks.map(({ backendId }) => backendId);
    const subnets = cloud.networks.flatMap((one) => one.subnets.map((s) => ({ ...s, network: one.backendId })));
    // Sizes without memory are those of bare metal.
    const flavors = cloud.flavors.filter(({ vcpus, memoryMb }) => vcpus > 0 && memoryMb > 0);
    const named = async <T extends { backendId: string; name: string }>(table: 'flavor' | 'network', all: T[]) =>
      withNames(all, await listTakenNames(tx, table, regionId, all));
    return {
      flavors: await syncFlavors(tx, regionId, await named('flavor', flavors)),
      images: await syncImages(tx, regionId, cloud.images),
      networks: await syncNetworks(tx, regionId, await named('network', cloud.networks)),
      subnets: await syncSubnets(tx, regionId, subnets, networks),
    };
  });
};
