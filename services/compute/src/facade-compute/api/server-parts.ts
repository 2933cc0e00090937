import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { projectOnWire } from '../../facade/project-ids.js';
import { getInstanceDetail } from '../../instances/domain/details.js';
import { changeInstance } from '../../instances/domain/instances.js';
import { listGroupsWithRules, type GroupOfServer, type IngressRule } from '../store/server-groups.js';
import { getServer, onServer } from './in-nova.js';

const endpoint = endpointFor<ComputeCtx>();

const anywhere = ({ ethertype }: IngressRule): string => (ethertype === 'IPv6' ? '::/0' : '0.0.0.0/0');
/** Nova shows ports as numbers, -1 for any; where traffic comes from is a range or a group. */
const ruleView = (rule: IngressRule, group: string) => ({
  id: rule.id,
  parent_group_id: group,
  ip_protocol: rule.protocol,
  from_port: rule.portMin ?? (rule.protocol === null ? null : -1),
  to_port: rule.portMax ?? (rule.protocol === null ? null : -1),
  ip_range: rule.remoteGroup ? {} : { cidr: rule.remotePrefix ?? anywhere(rule) },
  group: rule.remoteGroup ? { name: rule.remoteGroup.name, tenant_id: projectOnWire(rule.remoteGroup.projectId) } : {},
});
const groupView = ({ id, name, description, projectId, rules }: GroupOfServer) => ({
  id,
  name,
  description,
  tenant_id: projectOnWire(projectId),
  rules: rules.map((one) => ruleView(one, id)),
});

type Addresses = Record<string, { version: 4 | 6; addr: string }[]>;
const addressesOf = async (ctx: ComputeRequest, id: string): Promise<Addresses> => {
  const { addresses } = await named(() => getInstanceDetail(ctx, id), `Instance ${id} could not be found.`);
  const byNetwork = new Map<string, Addresses[string]>();
  for (const { network, version, addr } of addresses)
    byNetwork.set(network, [...(byNetwork.get(network) ?? []), { version, addr }]);
  return Object.fromEntries(byNetwork);
};

export const serverPartEndpoints = [
  endpoint(facadeCompute.listServerGroupsOf, async (ctx, { params: { id } }) => {
    await getServer(ctx, id);
    return { security_groups: (await listGroupsWithRules(dbOf(ctx), id)).map(groupView) };
  }),
  endpoint(facadeCompute.listServerAddresses, async (ctx, { params: { id } }) => ({
    addresses: await addressesOf(ctx, id),
  })),
  endpoint(facadeCompute.showServerAddresses, async (ctx, { params: { id, network } }) => {
    const found = await addressesOf(ctx, id);
    if (!Object.hasOwn(found, network)) throw faceFault('not_found', 'Instance is not a member of specified network');
    return { [network]: found[network] };
  }),
  endpoint(facadeCompute.showServerDiagnostics, async (ctx, { params: { id } }) => {
    const { vmState, regionId, vcpus, memoryMb, volumes, addresses } = await getServer(ctx, id);
    demandAdmin(ctx);
    if (vmState !== 'active')
      throw faceFault('conflict', `Cannot 'get_diagnostics' instance ${id} while it is in vm_state ${vmState}`);
    if (!since(ctx, 48)) return {};
    const none = { hypervisor: null, hypervisor_os: null, uptime: null, config_drive: false };
    return {
      ...none,
      state: 'running',
      driver: ctx.drivers.of(regionId).kind,
      num_cpus: vcpus,
      num_nics: new Set(addresses.map(({ mac }) => mac)).size,
      num_disks: Math.max(1, volumes.length),
      cpu_details: [],
      nic_details: [],
      disk_details: [],
      memory_details: { maximum: memoryMb, used: null },
    };
  }),
  endpoint(facadeCompute.showServerPassword, async (ctx, { params: { id } }) => {
    await getServer(ctx, id);
    return { password: '' };
  }),
  endpoint(facadeCompute.clearServerPassword, async (ctx, { params: { id } }) => {
    // There is none; who may not change the instance is refused all the same.
    await onServer(id, () => changeInstance(ctx, id, {}));
  }),
];
