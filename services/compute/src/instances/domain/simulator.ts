import { notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { unsupported } from '../../operations/domain/faults.js';
import { reportPowerChange } from '../../operations/domain/power.js';
import { reachInstance } from './instances.js';

/** Simulated guests only: one switches itself off, as a user inside it would do. @throws Fault not_found, forbidden, conflict/unsupported */
export const powerOffFromInside = async (ctx: ComputeRequest, id: string): Promise<void> => {
  const { region_id: region } = await reachInstance(ctx, id, 'instances.reset-state');
  const driver = ctx.drivers.of(region);
  if (!driver.powerOffFromInside) throw unsupported('power_off_from_inside');
  await driver.powerOffFromInside({ portalId: id, backendId: null }).catch(() => {
    throw notFound();
  });
  await reportPowerChange(ctx, id);
};
