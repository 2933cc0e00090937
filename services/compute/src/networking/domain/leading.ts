import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { updateFloatingIp, type FloatingIp } from '../store/floating-ips.js';
import { touch } from './touch.js';

/** These floating IPs lead nowhere any more. */
export const leadNowhere = async (
  ctx: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  all: readonly FloatingIp[],
): Promise<void> => {
  for (const one of all) {
    await updateFloatingIp(tx, one.id, { portId: null, fixedAddress: null, status: 'DOWN', fault: null });
    await touch(ctx, tx, 'floating_ip', one);
  }
};
