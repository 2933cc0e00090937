import { em, type Queryable, type Tx } from '@nefos/service-kit';
import { regions, type DriverKind, type Region } from '../tables.js';

export type { DriverKind };
export type RegionDriver = Pick<Region, 'id' | 'driver' | 'driverSettings' | 'driverSecrets'>;

const SELECT = { id: true, driver: true, driverSettings: true, driverSecrets: true } as const;
export const findRegionDriver = async (q: Queryable, id: string): Promise<RegionDriver | undefined> =>
  (await em(q).findOne(regions, { where: { id }, select: SELECT })) ?? undefined;
/** Locks the region: no instance is created in it until the transaction ends. */
export const lockRegionDriver = async (tx: Tx, id: string): Promise<RegionDriver | undefined> =>
  (await em(tx).findOne(regions, { where: { id }, select: SELECT, lock: { mode: 'pessimistic_write' } })) ?? undefined;
export const updateRegionDriver = async (tx: Tx, { id, ...driver }: RegionDriver): Promise<void> => {
  await em(tx).update(regions, { id }, driver as object);
};
