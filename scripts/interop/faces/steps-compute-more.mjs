// @ts-check
// Hosts, quotas, extensions; aggregates, agents and services, which are not changed here.
import { absent, does, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };
const ELSEWHERE = 'another service, which the catalog does not name';
/** What the client says of a service that the catalog does not name. */
const NO_SERVICE = /not found|does not have|No service|not in the catalog|no .*endpoint|EndpointNotFound|404|unknown/i;

const hosts = [
  shows('hypervisor list', (out, m) => (m.host = out[0]?.['Hypervisor Hostname'] ?? out[0]?.Name), staff),
  shows('hypervisor show {host}', (out, m) => JSON.stringify(out).includes(m.host), staff),
  fails('hypervisor show nowhere', /No .*(found|exists)|not found|could not/i, staff),
  shows('host list', (out, m) => JSON.stringify(out).includes(m.host), staff),
  shows('host show {host}', (out) => out.length >= 2, staff),
  fails('host set --disable {host}', /404|405|not found|not allowed|501|not supported/i, {
    ...staff,
    doc: 'hosts are switched off at the hypervisor',
  }),
  fails(
    'compute service set --disable {host} nova-compute',
    /404|405|not found|not allowed|501|not supported|failed/i,
    { ...staff, doc: 'hosts are switched off at the hypervisor' },
  ),
  fails('compute service delete 1', /404|405|not found|not allowed|501|not supported|failed/i, {
    ...staff,
    doc: 'hosts come and go with the hypervisor',
  }),
  absent('compute agent list', staff),
  fails('aggregate create {p}rack', /404|405|not found|not allowed|501|not supported/i, staff),
  fails('aggregate show {p}rack', /No .*(found|exists)|not found|could not/i, staff),
  absent('console connection show {p}token', {
    ...staff,
    doc: 'a console is opened at the address that `console url show` gives',
  }),
];
const quotas = [
  shows('quota list --compute', (out) => JSON.stringify(out).includes('50'), staff),
  shows('quota list --network', (out) => JSON.stringify(out).includes('20'), staff),
  shows('quota list --volume', (out) => JSON.stringify(out).includes('2000'), staff),
  does('quota delete --compute {otherProject}', staff),
  fails('quota delete --compute {project}', /403|Policy|Forbidden/i),
  shows('extension show router', (out) => out.alias === 'router'),
  fails('extension show trunk', /No .*(found|exists)|not found|could not/i),
];
const others = [
  absent('share list', { doc: ELSEWHERE }),
  absent('vpn service list'),
  absent('firewall group list'),
  absent('bgpvpn list'),
  absent('bgp speaker list', staff),
  absent('tap service list'),
  fails('accelerator device list', NO_SERVICE),
  fails('container list', NO_SERVICE),
  fails('object list {p}bucket', NO_SERVICE),
];
export const moreComputeSteps = [...hosts, ...quotas, ...others];
