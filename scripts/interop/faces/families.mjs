// @ts-check
// Families of commands for which there is nothing here, with the reason; the steps type one or two of each. A family is
// the words with which its commands begin; commands with steps of their own have rows of their own.

/**
 * @typedef {object} Family
 * @property {string} words
 * @property {string} why what docs/openstack-clients.md says
 * @property {boolean} [elsewhere] typed by another test, or by none: nothing of these four APIs
 */
const COMMAND = 'asks no API, or what the catalog holds';
const SERVICE = 'another service, which the catalog does not name';
const NEUTRON = 'an extension of Neutron that is not here: `extension list` does not name it, its paths are 404';
const HOSTS = 'hosts belong to the hypervisor; the portal shows them';

/** @param {string} why @param {string[]} names @param {boolean} [elsewhere] @returns {Family[]} */
const because = (why, names, elsewhere) => names.map((words) => ({ words, why, ...(elsewhere && { elsewhere }) }));

/** @type {readonly Family[]} */
export const FAMILIES = [
  ...because(HOSTS, ['aggregate', 'compute agent']),
  ...because('shared file systems are not here; they need 2.97', ['server share']),
  ...because('there are no agents: drivers serve the regions', ['network agent']),
  ...because('lists are empty, to make one is refused', [
    'address group',
    'address scope',
    'floating ip port forwarding',
    'network flavor profile',
    'network qos policy',
    'network rbac',
    'network segment',
    'network trunk',
    'subnet pool',
  ]),
  ...because(NEUTRON, [
    'default security group rule',
    'ip availability',
    'local ip',
    'network auto allocated topology',
    'network flavor',
    'network l3 conntrack helper',
    'network meter',
    'network qos rule',
    'network segment range',
    'router ndp proxy',
    'security group default statefulness',
    'bgp',
    'bgpvpn',
    'firewall',
    'tap',
    'vpn',
  ]),
  ...because('there are no groups of volumes: lists are empty, to make one is refused', [
    'consistency group',
    'volume group',
  ]),
  ...because('volumes are not handed over: the list is empty, to make one is refused', ['volume transfer request']),
  ...because('there are no QoS specs: the list is empty, to make one is refused', ['volume qos']),
  ...because('messages are not kept: the list is empty', ['volume message']),
  ...because("Cinder's own affairs: its clusters, logs and back ends are not here", ['block storage']),
  ...because('there are no definitions of metadata: 404', ['image metadef']),
  ...because('there is no cache of images to manage: 404', ['cached image']),
  ...because('what goes on is shown by the image itself: 404', ['image task']),
  ...because(SERVICE, ['accelerator', 'container', 'object', 'share']),
  ...because(
    'identity: [below](#identity-alone)',
    ['access', 'application credential', 'catalog', 'consumer', 'credential', 'domain', 'ec2 credentials', 'endpoint']
      .concat(['federation', 'group', 'identity', 'implied', 'limit', 'mapping', 'policy', 'project', 'region'])
      .concat(['registered', 'request', 'role', 'service', 'token', 'trust', 'user']),
    true,
  ),
  ...because(COMMAND, ['cloud', 'command', 'configuration', 'module'], true),
];
