import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import * as store from '../store/limits.js';

export type { OwnLimits } from '../store/limits.js';
/** Limits of the projects that have their own, at most a thousand. @throws Fault forbidden */
export const listLimits = async (ctx: ComputeRequest): Promise<store.OwnLimits[]> => {
  demandAdmin(ctx);
  return store.listLimits(dbOf(ctx));
};
