import { Fault } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { firstRegion, listZones, type Zone } from '../store/regions.js';

export type { Zone };
/** Regions are this cloud's availability zones. End users see those that are enabled. */
export const zonesOf = async (ctx: ComputeRequest, all: boolean): Promise<Zone[]> =>
  (await listZones(dbOf(ctx))).filter(({ enabled }) => all || enabled);
/**
 * The region of something new.
 * @param zone the availability zone that the request names; `nova` is what clients send who know no other
 * @param options.volumes one that has volumes
 * @throws Fault invalid: there is no such zone, or no region at all
 */
export const regionOfZone = async (
  ctx: ComputeRequest,
  zone: string | null | undefined,
  { volumes = false }: { volumes?: boolean } = {},
): Promise<string> => {
  const zones = await listZones(dbOf(ctx));
  if (zone && zones.some(({ id }) => id === zone)) return zone;
  const first = await firstRegion(dbOf(ctx), volumes);
  if ((zone && zone !== 'nova') || first === undefined)
    throw new Fault('invalid', 'facade.refused', { message: 'The requested availability zone is not available' });
  return first;
};
