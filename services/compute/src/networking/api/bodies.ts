import type { compute } from '@nefos/contracts';
import type { z } from 'zod';
import type { Target } from '../domain/floating-ips.js';
import type { PortChanges, PortInput } from '../domain/ports.js';
import type { RouterChanges, RouterInput } from '../domain/routers.js';
import type { RuleInput } from '../domain/security-groups.js';

// Bodies of requests as the domain takes them; the command line has the same.

type At = typeof compute.userNetworking;
type Body<C extends { body: z.ZodType }> = z.infer<C['body']>;

type Address = NonNullable<Body<At['ports']['create']>['fixed_ips']>[number];
const addressOf = ({ ip_address: address = null, subnet_id: subnet = null }: Address) => ({ address, subnet });
export const portInput = (b: Body<At['ports']['create']>): PortInput => ({
  networkId: b.network_id,
  name: b.name ?? '',
  securityGroups: b.security_groups ?? null,
  portSecurity: b.port_security_enabled ?? true,
  fixedIps: (b.fixed_ips ?? []).map(addressOf),
});
export const portChanges = (b: Body<At['ports']['patch']>): PortChanges => ({
  name: b.name,
  securityGroups: b.security_groups,
  portSecurity: b.port_security_enabled,
  fixedIps: b.fixed_ips?.map(addressOf),
});
export const floatingInput = (b: Body<At['floatingIps']['create']>): { networkId: string; target: Target | null } => ({
  networkId: b.floating_network_id,
  target: b.port_id ? { port: b.port_id, fixedIp: b.fixed_ip_address ?? null } : null,
});
export const associationOf = ({
  port = null,
  instance = null,
  fixed_ip: fixedIp = null,
}: Body<At['floatingIps']['associate']>) => ({ port, instance, fixedIp });
export const ruleInput = (b: Body<At['securityGroups']['addRule']>): RuleInput => ({
  direction: b.direction,
  ethertype: b.ethertype,
  protocol: b.protocol,
  portMin: b.port_range_min,
  portMax: b.port_range_max,
  remotePrefix: b.remote_ip_prefix,
  remoteGroupId: b.remote_group_id,
});
export const routerInput = (b: Body<At['routers']['create']>): RouterInput => ({
  region: b.region,
  name: b.name,
  external: b.external_gateway_info?.network_id ?? null,
});
export const routerChanges = ({
  name,
  external_gateway_info: gateway,
}: Body<At['routers']['patch']>): RouterChanges => ({
  name,
  external: gateway === undefined ? undefined : (gateway?.network_id ?? null),
});
