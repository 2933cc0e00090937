// @ts-check
// What else is done to networks; and what of Neutron's extensions is not here, of which the client is told.
import { absent, does, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };
const ID = '00000000-0000-4000-8000-000000000000';
/** A list of what there is none of. @param {string} line @param {Partial<import('./step.mjs').Step>} [more] */
const none = (line, more = {}) => shows(line, (out) => out.length === 0, more);

/** What can not be made: the API says so. @param {string} line @param {Partial<import('./step.mjs').Step>} [more] */
const refuses = (line, more = {}) => fails(line, /There are no [a-z -]+ in this cloud/, more);

const routers = [
  shows('router create {p}router2', (out) => out.id),
  does('router add subnet {p}router2 {p}subnet2'),
  shows('port list --router {p}router2', (out, m) => (m.gateway = out[0]?.ID)),
  does('router remove port {p}router2 {gateway}'),
  none('port list --router {p}router2'),
  shows('port create --network {p}net2 {p}socket', (out) => out.id),
  fails('router add port {p}router2 {p}socket', /400|not supported|BadRequest/i, {
    doc: 'an interface is the address of the gateway: `router add subnet`',
  }),
  fails('router add route --route destination=192.0.2.0/24,gateway=10.78.0.9 {p}router2', /404|not found|400/i, {
    doc: 'routers have no routes of their own',
  }),
  fails('router remove route --route destination=192.0.2.0/24,gateway=10.78.0.9 {p}router2', /404|not found|400/i),
  fails('router add gateway {p}router2 {p}outside', /external-gateway-multihoming/, {
    doc: 'a router has one gateway: `router set --external-gateway`',
  }),
  fails('router remove gateway {p}router2 {p}outside', /external-gateway-multihoming/, {
    doc: 'a router has one gateway: `router unset --external-gateway`',
  }),
  does('port delete {p}socket'),
  does('router delete {p}router2'),
];
const labels = [
  shows('security group create {p}labelled', (out) => out.id),
  does('security group set --tag blue {p}labelled'),
  shows('security group list --tags blue', (out) => out.length === 1),
  does('security group unset --tag blue {p}labelled'),
  none('security group list --tags blue'),
  does('security group delete {p}labelled'),
];
const extensions = [
  none('floating ip port forwarding list {floating}'),
  refuses(
    'floating ip port forwarding create --internal-ip-address 10.77.0.77 --port {p}port --internal-protocol-port 80 ' +
      '--external-protocol-port 80 --protocol tcp {floating}',
  ),
  fails('floating ip pool list', /no longer|not supported|Network/i, {
    doc: 'Nova served it once; see `network list`',
  }),
  none('network rbac list'),
  refuses(`network rbac create --type network --action access_as_shared --target-all-projects {p}net2`),
  none('network qos policy list'),
  refuses('network qos policy create {p}policy', staff),
  absent('network qos rule type list'),
  none('network segment list', staff),
  refuses('network segment create --network {p}net2 --network-type vlan {p}segment', staff),
  absent('network segment range list', staff),
  none('network trunk list'),
  refuses('network trunk create --parent-port {p}port {p}trunk'),
  absent(`network subport list --trunk ${ID}`, { doc: 'there are no trunks' }),
  absent('network meter list', staff),
  absent('network meter create {p}meter', staff),
  absent('network flavor list'),
  absent('network flavor create --service-type L3_ROUTER_NAT {p}kind', staff),
  none('network flavor profile list', staff),
  absent('network l3 conntrack helper list {p}router'),
  absent('network service provider list'),
  absent('network auto allocated topology create --or-show'),
  absent(`network agent show ${ID}`, staff),
  absent(`network onboard subnet {p}net2 ${ID}`, { doc: 'there are no pools of subnets' }),
  none('subnet pool list'),
  refuses('subnet pool create --pool-prefix 10.90.0.0/16 {p}pool'),
  none('address scope list'),
  refuses('address scope create {p}scope'),
  none('address group list'),
  refuses('address group create {p}addresses'),
  absent('ip availability list', staff),
  absent('local ip list'),
  absent('router ndp proxy list'),
  absent('default security group rule list'),
  absent('security group default statefulness list'),
];

export const moreNetworkSteps = [
  shows('network create {p}net2', (out) => out.id),
  shows('subnet create --network {p}net2 --subnet-range 10.78.0.0/24 {p}subnet2', (out) => out.id),
  ...routers,
  ...labels,
  ...extensions,
  does('network delete {p}net2'),
];
