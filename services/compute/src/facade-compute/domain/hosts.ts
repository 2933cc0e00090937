import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { listHosts, type HostRow } from '../store/hosts.js';

export type { HostRow };
/** Hosts of all regions, for administrators. @throws Fault forbidden */
export const hostsOf = async (
  ctx: ComputeRequest,
  page: { limit: number; after: string | null; name: string | null },
): Promise<HostRow[]> => {
  demandAdmin(ctx);
  return listHosts(dbOf(ctx), page);
};
