import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { listVolumeRegions } from '../store/zones.js';

/** Regions in which volumes can be made: the availability zones. */
export const volumeZones = (ctx: ComputeRequest): Promise<string[]> => listVolumeRegions(dbOf(ctx));
