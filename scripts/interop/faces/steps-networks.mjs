// @ts-check
// Networks, subnets, routers, ports, floating IPs, security groups.
import { does, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };
const named = (/** @type {any[]} */ rows, /** @type {string} */ name) => rows.find((one) => one.Name === name);

export const networkSteps = [
  shows('network create --external {p}outside', (out, m) => (m.outside = out.id), staff),
  shows(
    'subnet create --network {p}outside --subnet-range 203.0.{third}.0/24 --no-dhcp {p}outside-net',
    (out) => out.id,
    staff,
  ),
  shows('network create --description mine {p}net', (out, m) => {
    m.net = out.id;
    return out.description === 'mine';
  }),
  shows('network show {p}net', (out) => out.status === 'ACTIVE', { env: { UNTIL: 'ACTIVE' } }),
  shows('network list', (out, m) => named(out, `${m.p}net`)),
  shows('network list --external', (out, m) => named(out, `${m.p}outside`) && !named(out, `${m.p}net`)),
  shows('network show {p}net', (out, m) => out.id === m.net),
  does('network set --description other --tag blue {p}net'),
  shows('network list --tags blue', (out, m) => out.length === 1 && named(out, `${m.p}net`)),
  does('network unset --tag blue {p}net'),
  fails('network show {net}', /No Network|not found|could not/i, { as: 'stranger' }),
  shows('subnet create --network {p}net --subnet-range 10.77.0.0/24 --dns-nameserver 9.9.9.9 {p}subnet', (out, m) => {
    m.subnet = out.id;
    return out.gateway_ip === '10.77.0.1';
  }),
  shows('subnet list --network {p}net', (out) => out.length === 1),
  shows('subnet show {p}subnet', (out, m) => out.id === m.subnet),
  does('subnet set --description sub {p}subnet'),
  does('subnet unset --dns-nameserver 9.9.9.9 {p}subnet'),
  shows(
    'subnet show {p}subnet',
    (out) => out.description === 'sub' && !/9\.9\.9\.9/.test(JSON.stringify(out.dns_nameservers)),
  ),
  fails('subnet create --network {p}net --subnet-range 10.77.0.0/33 {p}bad', /400|Invalid/i),
  shows('router create {p}router', (out, m) => (m.router = out.id)),
  does('router add subnet {p}router {p}subnet'),
  does('router set --external-gateway {p}outside {p}router'),
  shows('router show {p}router', (out, m) => JSON.stringify(out.external_gateway_info).includes(m.outside)),
  shows('router list', (out, m) => named(out, `${m.p}router`)),
  shows('port create --network {p}net --fixed-ip subnet={p}subnet,ip-address=10.77.0.77 {p}port', (out, m) => {
    m.port = out.id;
    return JSON.stringify(out.fixed_ips).includes('10.77.0.77');
  }),
  shows('port list --network {p}net', (out, m) => named(out, `${m.p}port`)),
  shows('port show {p}port', (out, m) => out.id === m.port),
  does('port set --description socket {p}port'),
  shows('port show {p}port', (out) => out.description === 'socket'),
  shows('security group create --description web {p}group', (out, m) => (m.group = out.id)),
  shows('security group rule create --protocol tcp --dst-port 80:81 --remote-ip 0.0.0.0/0 {p}group', (out, m) => {
    m.rule = out.id;
    return out.port_range_max === 81;
  }),
  shows('security group rule list {p}group', (out, m) => out.some((/** @type {any} */ one) => one.ID === m.rule)),
  shows('security group rule show {rule}', (out) => out.protocol === 'tcp'),
  does('security group rule delete {rule}'),
  does('security group set --description shop {p}group'),
  shows('security group show {p}group', (out) => out.description === 'shop'),
  shows('security group list', (out, m) => named(out, `${m.p}group`) && named(out, 'default')),
  does('port set --security-group {p}group {p}port'),
  does('port unset --security-group {p}group {p}port'),
  shows('floating ip create {p}outside', (out, m) => {
    m.floating = out.floating_ip_address;
    m.floatingId = out.id;
    return out.floating_ip_address;
  }),
  shows('floating ip list', (out, m) => out.some((/** @type {any} */ one) => one.ID === m.floatingId)),
  shows('floating ip show {floating}', (out, m) => out.id === m.floatingId),
  does('floating ip set --port {p}port {floating}'),
  shows('floating ip show {floating}', (out) => out.fixed_ip_address === '10.77.0.77'),
  does('floating ip unset --port {floating}'),
  shows('floating ip show {floating}', (out) => !out.fixed_ip_address || out.fixed_ip_address === 'None'),
  shows('network agent list', (out) => Array.isArray(out), staff),
];
export const lastNetworkSteps = [
  does('floating ip delete {floating}'),
  does('port delete {p}port'),
  does('security group delete {p}group'),
  does('router unset --external-gateway {p}router'),
  does('router remove subnet {p}router {p}subnet'),
  does('router delete {p}router'),
  does('subnet delete {p}subnet'),
  does('network delete {p}net'),
  fails('network show {p}net', /No Network|not found|could not/i),
  does('subnet delete {p}outside-net', staff),
  does('network delete {p}outside', staff),
];
