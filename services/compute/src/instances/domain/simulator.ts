import { notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { unsupported } from '../../operations/domain/faults.js';
import { reportPowerChange } from '../../operations/domain/power.js';
import { findReachable } from './instances.js';

/**
 * Simulated guests only: the guest switches itself off, as a user inside it could.
 * @throws Fault not_found, forbidden, conflict/action.unsupported
 */
export const powerOffFromInside = async (ctx: ComputeRequest, id: string): Promise<void> => {
  const { regionId } = await findReachable(ctx, id, 'instances.reset-state');
  const driver = ctx.drivers.of(regionId);
  if (!driver.powerOffFromInside) throw unsupported('power_off_from_inside');
  await driver.powerOffFromInside({ portalId: id, backendId: null }).catch(() => {
    throw notFound();
  });
  await reportPowerChange(ctx, id);
};
