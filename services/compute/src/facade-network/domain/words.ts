import { Fault } from '@nefos/service-kit';

/** Neutron's type of a refusal of the portal's domain, by its code. */
const TYPES: Readonly<Record<string, string>> = {
  'port.used': 'PortInUse',
  'floating.taken': 'FloatingIPPortAlreadyAssociated',
  'group.default': 'SecurityGroupCannotRemoveDefault',
  'group.in_use': 'SecurityGroupInUse',
  'group.rule_exists': 'SecurityGroupRuleExists',
  'router.in_use': 'RouterInUse',
  'router.connected': 'RouterInterfaceConflict',
};
/** Fields whose unknown ids are things of their own that are absent. */
const ABSENT: Readonly<Record<string, readonly [type: string, words: string]>> = {
  network_id: ['NetworkNotFound', 'Network %s could not be found.'],
  floating_network_id: ['NetworkNotFound', 'Network %s could not be found.'],
  external_gateway_info: ['NetworkNotFound', 'Network %s could not be found.'],
  port: ['PortNotFound', 'Port %s could not be found.'],
  port_id: ['PortNotFound', 'Port %s could not be found.'],
  subnet: ['SubnetNotFound', 'Subnet %s could not be found.'],
  security_groups: ['SecurityGroupNotFound', 'Security group %s does not exist'],
  remote_group_id: ['SecurityGroupNotFound', 'Security group %s does not exist'],
};
/** Does `work` of the portal's domain; what it refuses is said in Neutron's types. */
export const inNeutronWords = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    if (!(err instanceof Fault)) throw err;
    const type = TYPES[err.code] ?? (err.code === 'catalog.in_use' ? inUse(err) : undefined);
    if (type !== undefined) throw new Fault(err.kind, err.code, { ...err.params, type });
    const issue = err.kind === 'invalid' ? err.params.issues?.[0] : undefined;
    const absent = issue?.rule === 'pk' ? ABSENT[String(issue.path[0])] : undefined;
    if (absent)
      throw new Fault('not_found', 'facade.refused', {
        message: absent[1].replace('%s', String(issue?.values?.pk)),
        type: absent[0],
      });
    if (issue?.path[0] === 'fixed_ips' && issue.rule.startsWith('address.'))
      throw new Fault('conflict', err.code, { ...err.params, type: 'IpAddressInUse' });
    throw err;
  }
};
const inUse = ({ params }: Fault): string => (params.thing === 'subnet' ? 'SubnetInUse' : 'NetworkInUse');
