import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { findPlaced } from '../store/placed.js';
import { groupsFor, makePorts } from './machine-ports.js';

/**
 * Makes the ports of an instance anew whose build failed and is repeated: on the same networks, with other addresses.
 * Ports that a client had made for it stay what they are: free.
 * @throws Fault invalid: a network has no address left
 */
export const remakePorts = async (ctx: Pick<ComputeCtx, 'drivers'>, tx: Tx, instanceId: string): Promise<void> => {
  const placed = await findPlaced(tx, instanceId);
  if (!placed || placed.ports) return;
  const { projectId, regionId } = placed;
  const nics = placed.networks.map((network) => ({ network, port: null, fixedIp: null }));
  const groups = await groupsFor(ctx, tx, { projectId, regionId, names: [] });
  await makePorts(ctx, tx, nics, { instanceId, projectId, regionId, groups });
};
