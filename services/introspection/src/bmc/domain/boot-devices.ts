import { Fault } from '@nefos/service-kit';
import { actorOf } from '../../access/domain/audit.js';
import type { IntrospectionRequest } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { truthOf } from '../../nodes/domain/node-values.js';
import { shown } from '../../values.js';
import * as bmcs from './bmcs.js';
import { BOOT_DEVICES, type BootChoice, type BootDevice } from './driver.js';

const refuse = (message: string): never => {
  throw new Fault('invalid', 'boot_device', { message });
};
/** @throws Fault not_found node.absent, and what the BMC fails by */
export const showBootDevice = async (ctx: IntrospectionRequest, ref: string): Promise<BootChoice> =>
  bmcs.bootDeviceOf(ctx, await demandNode(ctx.db, ref));
/** @throws Fault not_found node.absent, and what the BMC fails by */
export const listBootDevices = async (ctx: IntrospectionRequest, ref: string): Promise<BootDevice[]> =>
  bmcs.supportedBootDevices(ctx, await demandNode(ctx.db, ref));
/**
 * @param body `{ boot_device, persistent? }`
 * @throws Fault invalid boot_device; not_found node.absent; conflict node.busy, bmc.taken; and what the BMC fails by
 */
export const chooseBootDevice = async (
  ctx: IntrospectionRequest,
  ref: string,
  { boot_device: wanted, persistent = false, ...others }: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const node = await demandNode(ctx.db, ref);
  const [other] = Object.keys(others);
  if (other !== undefined) refuse(`Unexpected arguments: ${shown(other)}`);
  if (wanted === undefined) refuse('Missing mandatory parameter: boot_device');
  const device =
    BOOT_DEVICES.find((one) => one === wanted) ?? refuse(`Invalid boot device ${shown(wanted)} specified.`);
  const isPersistent =
    truthOf(persistent ?? false) ?? refuse(`Invalid persistent: Unrecognized value '${shown(persistent)}'`);
  await bmcs.setBootDevice(ctx, node, { device, persistent: isPersistent }, actorOf(ctx.principal));
};
