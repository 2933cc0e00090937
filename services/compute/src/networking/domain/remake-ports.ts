import { invalid, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { unknownKey } from '../../refusals.js';
import { findPlaced } from '../store/placed.js';
import { groupsFor, makePorts } from './machine-ports.js';

/**
 * Makes the ports of an instance anew whose build failed and is repeated: on the same networks, with other addresses.
 * Ports that a client had made for it stay what they are: free. Nothing happens when it has ports, or no networks.
 * @param quota whether the project's quota has to have room for them; else they were accepted already
 * @returns whether ports were made
 * @throws Fault invalid: a network is gone or has no address left; forbidden/create.quota, forbidden/project.disabled
 */
export const remakePorts = async (
  ctx: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  instanceId: string,
  { quota }: { quota: boolean },
): Promise<boolean> => {
  const placed = await findPlaced(tx, instanceId);
  if (!placed || placed.ports) return false;
  if (placed.gone.length) throw invalid(placed.gone.map((id) => unknownKey(['nics'], id)));
  if (!placed.networks.length) return false;
  const { projectId, regionId } = placed;
  if (quota) await reserveQuota(tx, projectId, { port: placed.networks.length });
  const nics = placed.networks.map((network) => ({ network, port: null, fixedIp: null }));
  const groups = await groupsFor(ctx, tx, { projectId, regionId, names: [] });
  await makePorts(ctx, tx, nics, { instanceId, projectId, regionId, groups });
  return true;
};
