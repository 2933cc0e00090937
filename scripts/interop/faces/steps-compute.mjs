// @ts-check
// Flavors, key pairs, limits, hosts: what is not about one server.
import { does, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };
const named = (/** @type {any[]} */ rows, /** @type {string} */ name) => rows.find((one) => one.Name === name);

export const computeSteps = [
  shows('flavor create --ram 512 --disk 1 --vcpus 1 {p}tiny', (out, m) => (m.tiny = out.id), staff),
  shows(
    'flavor create --ram 1024 --disk 1 --vcpus 2 --property hw:x=1 {p}small',
    (out, m) => (m.small = out.id),
    staff,
  ),
  shows('flavor list', (out, m) => named(out, `${m.p}tiny`)?.RAM === 512),
  shows('flavor list --long', (out, m) => named(out, `${m.p}small`)),
  shows('flavor show {p}tiny', (out, m) => out.id === m.tiny && out.vcpus === 1),
  does('flavor set --property quota:cpu=2 {p}tiny', staff),
  shows('flavor show {p}tiny', (out) => out.properties['quota:cpu'] === '2', staff),
  does('flavor unset --property quota:cpu {p}tiny', staff),
  shows('flavor show {p}tiny', (out) => !('quota:cpu' in out.properties), staff),
  fails('flavor create --ram 1 --disk 1 --vcpus 1 {p}mine', /403|Policy|Forbidden/i),
  shows('keypair create {p}made --private-key {dir}/{p}made.pem', (out, m) => out.name === `${m.p}made`),
  shows('keypair create --public-key {dir}/{p}key.pub {p}key', (out) => /^([0-9a-f]{2}:){15}/.test(out.fingerprint)),
  shows('keypair list', (out, m) => named(out, `${m.p}key`) && named(out, `${m.p}made`)),
  shows('keypair show {p}key', (out, m) => out.name === `${m.p}key`),
  does('keypair delete {p}made'),
  fails('keypair show {p}made', /No keypair|not found|could not/i),
  shows('limits show --absolute', (out) =>
    out.some(
      (/** @type {any} */ one) =>
        one.Name === 'maxTotalInstances' || one.Name === 'total_cores' || one.Name === 'instances',
    ),
  ),
  shows('usage show', (out) => out.Project !== undefined || out.project !== undefined),
  shows('usage list', () => true, staff),
  shows('quota show', (out) => JSON.stringify(out).includes('instances')),
  does(
    'quota set --instances 50 --cores 100 --ram 204800 --volumes 50 --gigabytes 2000 --networks 20 {project}',
    staff,
  ),
  shows('quota show {project}', (out) => /"?instances"?[^0-9]{1,30}50/.test(JSON.stringify(out)), staff),
  shows('availability zone list', (out) => out.length > 0),
  shows('availability zone list --compute', (out) => out.length > 0),
  shows('hypervisor list', (out) => Array.isArray(out), staff),
  shows('hypervisor stats show', (out) => out.count !== undefined, staff),
  fails('hypervisor list', /403|Policy|Forbidden/i),
  shows('compute service list', (out) => Array.isArray(out), staff),
  shows('extension list --compute', (out) => Array.isArray(out)),
  shows('extension list --network', (out) => out.some((/** @type {any} */ one) => one.Alias === 'router')),
  shows('versions show', (out) => out.some((/** @type {any} */ one) => one['Service Type'] === 'compute')),
  shows('aggregate list', (out) => out.length === 0, staff),
  shows('server group list', (out) => out.length === 0),
];
export const lastComputeSteps = [
  does('keypair delete {p}key'),
  does('flavor delete {p}small', staff),
  does('flavor delete {p}tiny', staff),
  fails('flavor show {p}tiny', /No flavor|No Flavor|not found|could not/i),
];
