import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { listHosts, MOST_HOSTS, sumHosts, type HostRow, type HostsAsked, type HostSums } from '../store/hosts.js';

export { MOST_HOSTS, type HostRow, type HostsAsked, type HostSums };
/** Hosts of all regions, for administrators. @throws Fault forbidden */
export const hostsOf = async (ctx: ComputeRequest, asked: HostsAsked): Promise<HostRow[]> => {
  demandAdmin(ctx);
  return listHosts(dbOf(ctx), asked);
};
/** @throws Fault forbidden */
export const sumsOfHosts = async (ctx: ComputeRequest): Promise<HostSums> => {
  demandAdmin(ctx);
  return sumHosts(dbOf(ctx));
};
