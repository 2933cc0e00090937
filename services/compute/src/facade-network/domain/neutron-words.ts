import { Fault, type FaultKind, type Issue } from '@nefos/service-kit';
import { sentenceOf, wordingOf } from '../../refusals.js';
import { valueAt } from '../../facade/value-at.js';

/** What a request is about, as far as it is known: sentences name it. */
export interface About {
  id?: string;
  network?: string;
  /** The attributes that were sent. */
  given?: unknown;
}
interface Said {
  type: string;
  kind?: FaultKind;
  /** Absent: the portal's sentence. */
  text?: (about: About, params: Record<string, unknown>) => string;
}
const of = (one: string | undefined): string => one ?? '';
const badRouter = (text: string): Said => ({ type: 'BadRequest', text: () => `Bad router request: ${text}` });

/** Neutron's type and sentence of a refusal of the portal's domain, by its code. */
const REFUSALS: Readonly<Record<string, Said>> = {
  'port.used': {
    type: 'PortInUse',
    text: ({ id }) => `Unable to complete operation on port ${of(id)}. Port already has an attached device.`,
  },
  'floating.taken': { type: 'FloatingIPPortAlreadyAssociated' },
  'group.default': {
    type: 'SecurityGroupCannotRemoveDefault',
    text: () => 'Insufficient rights for removing default security group.',
  },
  'group.in_use': { type: 'SecurityGroupInUse', text: ({ id }) => `Security Group ${of(id)} in use.` },
  'group.rule_exists': { type: 'SecurityGroupRuleExists', text: () => 'Security group rule already exists.' },
  'router.in_use': { type: 'RouterInUse', text: ({ id }) => `Router ${of(id)} still has ports` },
  'router.connected': { type: 'RouterInterfaceConflict' },
  'network.provider': { type: 'PolicyNotAuthorized' },
  'network.others': {
    type: 'InvalidSharedSetting',
    text: ({ id }) => `Unable to reconfigure sharing settings for network ${of(id)}. Multiple tenants are using it.`,
  },
  'create.quota': {
    type: 'OverQuota',
    kind: 'conflict',
    text: (_about, { resource }) => `Quota exceeded for resources: ['${String(resource)}'].`,
  },
};
const IN_USE: Readonly<Record<string, Said>> = {
  network: {
    type: 'NetworkInUse',
    text: ({ id }) =>
      `Unable to complete operation on network ${of(id)}. There are one or more ports still in use on the network.`,
  },
  subnet: {
    type: 'SubnetInUse',
    text: ({ id }) =>
      `Unable to complete operation on subnet ${of(id)}: One or more ports have an IP allocation from this subnet.`,
  },
};
/** The same of one value of a request, by its rule. */
const VALUES: Readonly<Record<string, Said>> = {
  'address.taken': {
    type: 'IpAddressInUse',
    kind: 'conflict',
    text: ({ network }, { value }) =>
      `Unable to complete operation for network ${of(network)}. The IP address ${String(value)} is in use.`,
  },
  'address.outside': {
    type: 'InvalidIpForNetwork',
    text: (_about, { value }) =>
      `IP address ${String(value)} is not a valid IP for any of the subnets on the specified network.`,
  },
  'address.none_left': {
    type: 'IpAddressGenerationFailure',
    kind: 'conflict',
    text: (_about, { network }) => `No more IP addresses available on network ${String(network)}.`,
  },
  'port.address_elsewhere': { type: 'BadRequest' },
  'port.no_address': {
    type: 'BadRequest',
    text: (_about, { value }) =>
      `Bad floatingip request: Cannot add floating IP to port ${String(value)} that has no fixed IPv4 addresses.`,
  },
  'router.no_gateway': badRouter('Subnet for router interface must have a gateway IP.'),
  'router.not_connected': {
    type: 'RouterInterfaceNotFoundForSubnet',
    kind: 'not_found',
    text: ({ id }, { value }) => `Router ${of(id)} has no interface on subnet ${String(value)}`,
  },
  'rule.protocol': { type: 'SecurityGroupRuleInvalidProtocol' },
  'rule.ports': { type: 'SecurityGroupInvalidPortRange' },
  'rule.icmp': { type: 'SecurityGroupInvalidIcmpValue' },
  'rule.remote': {
    type: 'SecurityGroupRemoteGroupAndRemoteIpPrefix',
    text: () => 'Only remote_ip_prefix or remote_group_id may be provided.',
  },
  'rule.version': { type: 'SecurityGroupRuleParameterConflict' },
  // Names of networks are unique in a region of a project here, as they are not at Neutron.
  unique: {
    type: 'Conflict',
    kind: 'conflict',
    text: (_about, { value }) => `The name '${String(value)}' is taken by another one.`,
  },
};
/** Fields whose unknown ids are things of their own that are absent. */
const ABSENT: Readonly<Record<string, readonly [type: string, words: string]>> = {
  network_id: ['NetworkNotFound', 'Network % could not be found.'],
  floating_network_id: ['NetworkNotFound', 'Network % could not be found.'],
  external_gateway_info: ['NetworkNotFound', 'Network % could not be found.'],
  port: ['PortNotFound', 'Port % could not be found.'],
  port_id: ['PortNotFound', 'Port % could not be found.'],
  subnet: ['SubnetNotFound', 'Subnet % could not be found.'],
  subnet_id: ['SubnetNotFound', 'Subnet % could not be found.'],
  fixed_ips: ['SubnetNotFound', 'Subnet % could not be found.'],
  security_groups: ['SecurityGroupNotFound', 'Security group % does not exist'],
  remote_group_id: ['SecurityGroupNotFound', 'Security group % does not exist'],
};
/** Fields of the portal that have another name here. */
const NAMES: Readonly<Record<string, string>> = { subnet: 'subnet_id', port: 'port_id', fixed_ip: 'fixed_ip_address' };

const said = (kind: FaultKind, type: string, message: string): Fault =>
  new Fault(kind, 'facade.refused', { message, type });
const portalSentence = (code: string, values: Record<string, unknown>): string => {
  const wording = wordingOf(code);
  return wording ? sentenceOf(wording, values) : 'The value is not valid.';
};
const ofIssue = ({ path = [], rule, values = {} }: Issue, about: About): Fault => {
  const at = String(path[0] ?? '');
  const name = Object.hasOwn(NAMES, at) ? (NAMES[at] as string) : at;
  if (rule === 'pk' && Object.hasOwn(ABSENT, at)) {
    const [type, words] = ABSENT[at] as readonly [string, string];
    return said(
      'not_found',
      type,
      words.replace('%', () => String(values.pk)),
    );
  }
  const found = Object.hasOwn(VALUES, rule) ? VALUES[rule] : undefined;
  const value = valueAt(about.given, [name, ...path.slice(1)]);
  if (found)
    return said(
      found.kind ?? 'invalid',
      found.type,
      found.text?.(about, { ...values, value }) ?? portalSentence(rule, values),
    );
  return said('invalid', 'HTTPBadRequest', `Invalid input for ${name}. Reason: ${portalSentence(rule, values)}`);
};
/** Does `work` of the portal's domain; what that refuses is said in Neutron's types and words. */
export const inNeutronWords = async <T>(work: () => Promise<T>, about: About = {}): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    if (!(err instanceof Fault) || err.code === 'facade.refused') throw err;
    const issue = err.kind === 'invalid' ? err.params.issues?.[0] : undefined;
    if (issue) throw ofIssue(issue, about);
    const { code, params } = err;
    const found = code === 'catalog.in_use' ? IN_USE[String(params.thing)] : REFUSALS[code];
    if (!found) throw err;
    throw said(found.kind ?? err.kind, found.type, found.text?.(about, params) ?? portalSentence(code, params));
  }
};
