import type { Viewer } from '../../access/api/viewer.js';
import { localTime } from '../../local-time.js';
import type { ShownFloatingIp } from '../domain/floating-ips.js';
import type { ShownPort } from '../domain/ports.js';
import type { ShownRouter } from '../domain/routers.js';
import type { SecurityGroupRule, ShownGroup } from '../domain/security-groups.js';
import { PLAIN_FAULT, type NetFault } from '../tables.js';

/** Things of the network as contract compute §8.1 shows them. What a hypervisor says of a fault is for staff only. */
const faultView = (fault: NetFault | null, { staff }: Viewer) =>
  fault && { code: fault.code, message: staff ? fault.message : PLAIN_FAULT };
interface Owned {
  regionId: string;
  projectId: string;
  clientId: number | null;
  fault: NetFault | null;
  createdAt: string;
}
const ownedView = (one: Owned, viewer: Viewer) => ({
  region: one.regionId,
  project_id: one.projectId,
  fault: faultView(one.fault, viewer),
  created_at: localTime(one.createdAt, viewer.zone),
  ...(viewer.staff && { client: one.clientId }),
});
export const portView = (one: ShownPort, viewer: Viewer) => ({
  id: one.id,
  name: one.name,
  network_id: one.networkId,
  mac_address: one.macAddress,
  fixed_ips: one.addresses.map(({ address, subnetId }) => ({ ip_address: address, subnet_id: subnetId })),
  device_id: one.instanceId ?? '',
  device_owner: one.instanceId === null ? '' : 'compute:nova',
  status: one.status,
  security_groups: one.securityGroups,
  port_security_enabled: one.portSecurity,
  ...ownedView(one, viewer),
});
export const floatingIpView = (one: ShownFloatingIp, viewer: Viewer) => ({
  id: one.id,
  floating_ip_address: one.address,
  fixed_ip_address: one.fixedAddress,
  port_id: one.portId,
  floating_network_id: one.networkId,
  status: one.status,
  instance: one.instanceId,
  ...ownedView(one, viewer),
});
export const ruleView = (one: Omit<SecurityGroupRule, 'createdAt'>) => ({
  id: one.id,
  direction: one.direction,
  ethertype: one.ethertype,
  protocol: one.protocol,
  port_range_min: one.portMin,
  port_range_max: one.portMax,
  remote_ip_prefix: one.remotePrefix,
  remote_group_id: one.remoteGroupId,
});
export const groupView = (one: ShownGroup, viewer: Viewer) => ({
  id: one.id,
  name: one.name,
  description: one.description,
  is_default: one.isDefault,
  status: one.status,
  rules: one.rules.map(ruleView),
  ...ownedView(one, viewer),
});
export const routerView = (one: ShownRouter, viewer: Viewer) => ({
  id: one.id,
  name: one.name,
  external_gateway_info: one.externalNetworkId === null ? null : { network_id: one.externalNetworkId },
  status: one.status,
  subnets: one.subnets,
  ...ownedView(one, viewer),
});
