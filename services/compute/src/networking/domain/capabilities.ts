import type { ComputeCtx } from '../../ctx.js';
import type { NetworkDriver, NetworkKind } from '../../ports/driver-networks.js';
import { refusal } from '../../refusals.js';

/** The network of a region, if its driver has one. */
export const networkOf = ({ drivers }: Pick<ComputeCtx, 'drivers'>, regionId: string): NetworkDriver | undefined =>
  drivers.of(regionId).networks;
export const can = (ctx: Pick<ComputeCtx, 'drivers'>, regionId: string, kind: NetworkKind): boolean =>
  networkOf(ctx, regionId)?.capabilities.has(kind) ?? false;
/** Whether the portal chooses the addresses of the region's ports and floating IPs. */
export const choosesAddresses = (ctx: Pick<ComputeCtx, 'drivers'>, regionId: string): boolean =>
  networkOf(ctx, regionId)?.addresses === 'portal';
const NAMES: Readonly<Record<NetworkKind, string>> = {
  network: 'networks',
  subnet: 'subnets',
  router: 'routers',
  port: 'ports',
  floating_ip: 'floatingips',
  security_group: 'securitygroups',
};
/** @throws Fault conflict/action.unsupported */
export const demandKind = (ctx: Pick<ComputeCtx, 'drivers'>, regionId: string, kind: NetworkKind): void => {
  if (!can(ctx, regionId, kind)) throw refusal('conflict', 'action.unsupported', { action: NAMES[kind] });
};
