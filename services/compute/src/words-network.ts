import type { Words } from './wording.js';

/** How compute refuses what concerns ports, addresses, security groups and routers (contract compute §6.5, §8.1). */
export const networkWords = {
  'port.used': { code: 'invalid_state', text: 'The port is in use.' },
  'port.own_address': { code: 'validation', text: 'A port has addresses of its own.' },
  'port.busy': { code: 'busy', text: 'The port is just being attached or detached.' },
  'port.one_of': { code: 'validation', text: 'Give a network or a port.' },
  'port.address_elsewhere': { code: 'validation', text: 'The port does not have this address.' },
  'port.no_address': { code: 'validation', text: 'The port has no address.' },
  'address.outside': { code: 'validation', text: 'The network gives no such address.' },
  'address.taken': { code: 'validation', text: 'The address is taken.' },
  'address.none_left': {
    code: 'no_capacity',
    text: ({ network }: { network: string }) => `No more IP addresses available on network ${network}.`,
  },
  'address.too_many': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `A port has at most ${max} addresses.`,
  },
  'address.last': { code: 'validation', text: 'It is the last address of the interface: remove its port.' },
  'address.not_attached': { code: 'validation', text: 'The instance does not have this address.' },
  'group.ambiguous': { code: 'validation', text: 'Several security groups have this name: give an id.' },
  'group.in_use': {
    code: 'invalid_state',
    text: ({ users }: { users: string }) => `The security group is used by ${users}.`,
  },
  'group.default': { code: 'invalid_state', text: 'The default security group stays, with its name.' },
  'group.rule_exists': { code: 'invalid_state', text: 'The security group has this rule already.' },
  'group.not_associated': { code: 'validation', text: 'The instance does not have this security group.' },
  'group.too_many': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `A port has at most ${max} security groups.`,
  },
  'rule.ports': { code: 'validation', text: 'Ports go with TCP and UDP, the lower one first.' },
  'rule.icmp': { code: 'validation', text: 'Type and code of ICMP are between 0 and 255.' },
  'rule.protocol': { code: 'validation', text: 'Enter tcp, udp, icmp, icmpv6 or a number between 0 and 255.' },
  'rule.remote': { code: 'validation', text: 'Give a prefix or a group, not both.' },
  'rule.version': { code: 'validation', text: 'The prefix is not one of this version of IP.' },
  'floating.not_external': { code: 'validation', text: 'The network is no external one.' },
  'floating.not_of_instance': { code: 'validation', text: 'The floating IP does not lead to this instance.' },
  'floating.taken': { code: 'invalid_state', text: 'Another floating IP leads to this address.' },
  'floating.no_port': { code: 'invalid_state', text: 'The instance has no address that a floating IP could lead to.' },
  'router.in_use': { code: 'invalid_state', text: 'The router connects subnets: remove its interfaces first.' },
  'router.connected': { code: 'invalid_state', text: 'The subnet is connected to a router already.' },
  'router.no_gateway': { code: 'validation', text: 'The subnet has no gateway address.' },
  'router.not_connected': { code: 'validation', text: 'The router does not connect this subnet.' },
  'router.region': { code: 'validation', text: 'It is in another region.' },
  'network.provider': { code: 'permission_denied', text: 'The network belongs to the provider.' },
  'instance.ports': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `An instance has at most ${max} interfaces.`,
  },
} satisfies Words;
