import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { listRegionsOfType, listVolumeRegions } from '../store/zones.js';

/** Regions in which volumes can be made: the availability zones. */
export const volumeZones = (ctx: ComputeRequest): Promise<string[]> => listVolumeRegions(dbOf(ctx));
/** Regions that have a volume type of this name or id. */
export const regionsOfType = (ctx: ComputeRequest, type: string): Promise<string[]> =>
  listRegionsOfType(dbOf(ctx), type);
