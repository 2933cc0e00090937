import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { can } from '../../networking/domain/capabilities.js';
import { listFloatingOfInstance, listGroupsOfInstance } from '../../networking/domain/of-instance.js';
import { getInstance, type DetailedInstance } from './instances.js';

/** An instance with what other areas keep of it (contract compute §6.2). */
export type InstanceDetail = DetailedInstance & { securityGroups: { id: string; name: string }[] };

/** @throws Fault not_found */
export const getInstanceDetail = async (ctx: ComputeRequest, id: string): Promise<InstanceDetail> => {
  const row = await getInstance(ctx, id);
  const floating = await listFloatingOfInstance(dbOf(ctx), id);
  // What a cloud says of floating IPs that the portal does not keep is shown as it is.
  const told = can(ctx, row.regionId, 'floating_ip')
    ? row.addresses.filter(({ type }) => type === 'fixed')
    : row.addresses;
  return {
    ...row,
    addresses: [
      ...told,
      ...floating.map(({ network, address, mac }) => ({
        network,
        version: address.includes(':') ? (6 as const) : (4 as const),
        addr: address,
        mac,
        type: 'floating' as const,
      })),
    ],
    securityGroups: await listGroupsOfInstance(dbOf(ctx), id),
  };
};
