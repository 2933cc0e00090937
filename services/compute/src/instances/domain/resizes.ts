import { invalid, notFound, type Tx } from '@nefos/service-kit';
import type { CreatableFlavor } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import { setOtherFlavor } from '../../operations/domain/read-state.js';
import { availableCredit, shareLockOwner } from '../../owners/domain/owners.js';
import { invalidValue, refusedValue } from '../../refusals.js';
import { findMadeOf, type MadeOf } from '../store/instances.js';
import { acceptAsked } from './accepting.js';
import { checkCredit } from './create-checks.js';
import { reserveGrowth } from './quota.js';
import { lockUsableFlavor } from './usable-flavor.js';

/**
 * The flavor that an instance may be given.
 * @throws Fault invalid, invalid/out_of_stock
 */
const usableFlavor = async (tx: Tx, id: string, instance: MadeOf): Promise<CreatableFlavor> => {
  const flavor = await lockUsableFlavor(tx, id, instance);
  if (id === instance.flavorId) throw invalidValue(['flavor'], 'resize.same');
  if (flavor.rootGb < instance.rootGb) throw invalidValue(['flavor'], 'resize.smaller_disk');
  if (flavor.outOfStock) throw invalid([refusedValue(['flavor'], 'create.out_of_stock')], 'out_of_stock');
  return flavor;
};

/**
 * Accepts another size of an instance. The larger of both counts in the quota until the resize is confirmed or
 * reverted.
 * @returns id of the operation
 * @throws Fault as `acceptAsked`; invalid, invalid/out_of_stock, forbidden/create.credit, forbidden/create.quota
 */
export const requestResize = (ctx: ComputeRequest, id: string, flavorId: string): Promise<string> =>
  acceptAsked(
    ctx,
    id,
    { segment: 'resize', permission: 'instances.resize', needs: 'resize', action: 'resize' },
    async (tx, { clientId }) => {
      const instance = await findMadeOf(tx, id);
      if (!instance) throw notFound();
      const flavor = await usableFlavor(tx, flavorId, instance);
      const grows =
        flavor.vcpus > instance.vcpus || flavor.memoryMb > instance.memoryMb || flavor.rootGb > instance.rootGb;
      const owner = grows ? await shareLockOwner(tx, clientId) : undefined;
      if (owner) checkCredit(await availableCredit(tx, clientId), owner.requiredCredit, owner.currency);
      await reserveGrowth(tx, instance.projectId, instance, flavor);
      return {
        params: { flavor: flavorId, former_flavor: instance.flavorId },
        write: () => setOtherFlavor(tx, id, flavorId),
      };
    },
  );
/** Keeps the new size, or the new host after a cold migration. @throws Fault as `acceptAsked` */
export const confirmResize = (ctx: ComputeRequest, id: string): Promise<string> =>
  acceptAsked(ctx, id, {
    segment: 'confirm-resize',
    permission: 'instances.confirm-resize',
    needs: 'resize',
    action: 'confirmResize',
  });
/** Gives the former size and host back. @throws Fault as `acceptAsked` */
export const revertResize = (ctx: ComputeRequest, id: string): Promise<string> =>
  acceptAsked(ctx, id, {
    segment: 'revert-resize',
    permission: 'instances.revert-resize',
    needs: 'resize',
    action: 'revertResize',
  });
