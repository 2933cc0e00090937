// @ts-check
// The openstack command of python-ironicclient: machines are registered, described, switched and inspected.
import { does, fails, shows } from '../faces/step.mjs';

/**
 * Clients name the columns of their lists by their titles or, in JSON, by fields.
 * @param {any} row @param {string} of
 */
const cell = (row, of) => row?.[of] ?? row?.[FIELDS[of] ?? ''];
/** @type {Record<string, string>} */
const FIELDS = {
  Name: 'name',
  UUID: 'uuid',
  Maintenance: 'maintenance',
  'Provisioning State': 'provision_state',
  'Supported driver(s)': 'name',
};
const named = (/** @type {any[]} */ rows, /** @type {string} */ name) => rows.find((one) => cell(one, 'Name') === name);
/** @param {string} line @param {(out: any) => unknown} holds */
const until = (line, holds) => shows(line, holds, { env: { UNTIL: 'it is so' } });
/** @param {string} word @param {string} value */
const nodeUntil = (word, value) => until(`baremetal node show {p}node --fields ${word}`, (out) => out[word] === value);
const plain = { as: /** @type {const} */ ('stranger') };

export const driverSteps = [
  shows('baremetal driver list', (out) =>
    ['redfish', 'ipmi', 'fake-hardware'].every((name) =>
      out.some((/** @type {any} */ one) => cell(one, 'Supported driver(s)') === name),
    ),
  ),
  shows('baremetal driver show redfish', (out) => out.name === 'redfish' && out.hosts.length > 0),
  fails('baremetal driver show nothing-like-it', /nothing-like-it/),
];

export const nodeSteps = [
  shows(
    'baremetal node create --driver fake-hardware --name {p}node --resource-class baremetal --owner {project} ' +
      '--driver-info fake_password=very-secret --driver-info ipmi_address=192.0.2.91 ' +
      '--property cpus=2 --extra rack=r1 --description "first of all"',
    (out, m) => {
      m.node = out.uuid;
      return (
        out.provision_state === 'enroll' &&
        out.name === `${m.p}node` &&
        out.properties.cpus !== undefined &&
        !JSON.stringify(out).includes('very-secret')
      );
    },
  ),
  fails('baremetal node create --driver fake-hardware --name {p}node', /already|exists|{p}node/i),
  fails('baremetal node create --driver no-such-driver', /no-such-driver/),
  fails('baremetal node create --driver fake-hardware', /service not found|403|forbid/i, plain),
  shows('baremetal node list', (out, m) => cell(named(out, `${m.p}node`), 'Provisioning State') === 'enroll'),
  shows('baremetal node list --long', (out, m) => cell(named(out, `${m.p}node`), 'UUID') === m.node),
  shows('baremetal node list --provision-state enroll --driver fake-hardware --resource-class baremetal', (out, m) =>
    named(out, `${m.p}node`),
  ),
  shows('baremetal node list --provision-state active', (out, m) => !named(out, `${m.p}node`)),
  shows('baremetal node list --fields uuid name driver --sort name:desc --limit 1', (out) => out.length === 1),
  shows('baremetal node show {p}node', (out, m) => out.uuid === m.node && out.description === 'first of all'),
  shows('baremetal node show {node}', (out, m) => out.name === `${m.p}node` && out.extra.rack === 'r1'),
  shows('baremetal node show {p}node --fields uuid name', (out, m) => out.uuid === m.node && !('extra' in out)),
  fails('baremetal node show no-such-node', /no-such-node|not be found|404/i),
  does(
    'baremetal node set --name {p}named --property memory_mb=2048 --extra color=red --driver-info fake_user=u {node}',
  ),
  shows(
    'baremetal node show {p}named',
    (out) => String(out.properties.memory_mb) === '2048' && out.extra.color === 'red' && out.extra.rack === 'r1',
  ),
  does('baremetal node set --name {p}node {p}named'),
  does('baremetal node unset --property memory_mb --extra color --description {p}node'),
  shows(
    'baremetal node show {p}node',
    (out) => !('memory_mb' in out.properties) && !('color' in out.extra) && out.description === null,
  ),
  fails('baremetal node unset --extra color {p}node', /color|path|exist/i),
  does('baremetal node maintenance set --reason "new fans" {p}node'),
  shows('baremetal node show {p}node', (out) => out.maintenance === true && out.maintenance_reason === 'new fans'),
  shows('baremetal node list --maintenance', (out, m) => cell(named(out, `${m.p}node`), 'Maintenance') === true),
  does('baremetal node maintenance unset {p}node'),
  shows('baremetal node show {p}node', (out) => out.maintenance === false && out.maintenance_reason === null),
  does('baremetal node trait add {p}node CUSTOM_FAST CUSTOM_BIG HW_CPU_X86_VMX'),
  fails('baremetal node trait add {p}node fast', /fast/),
  shows('baremetal node trait list {p}node', (out) => out.length === 3),
  does('baremetal node trait remove {p}node CUSTOM_BIG'),
  shows('baremetal node trait list {p}node', (out) => out.length === 2 && /CUSTOM_FAST/.test(JSON.stringify(out))),
  does('baremetal node trait remove --all {p}node'),
  shows('baremetal node trait list {p}node', (out) => out.length === 0),
];

export const portSteps = [
  shows(
    'baremetal port create 52:54:00:AA:BB:01 --node {node} --extra slot=1 --physical-network physnet1 ' +
      '--local-link-connection switch_id=00:11:22:33:44:55 --local-link-connection port_id=Eth1/1',
    (out, m) => {
      m.port = out.uuid;
      return out.address === '52:54:00:aa:bb:01' && out.node_uuid === m.node && out.pxe_enabled === true;
    },
  ),
  fails('baremetal port create 52:54:00:aa:bb:01 --node {node}', /52:54:00:aa:bb:01|already|exists/i),
  fails('baremetal port create not-a-mac --node {node}', /not-a-mac|MAC/),
  shows('baremetal port list', (out, m) => out.some((/** @type {any} */ one) => cell(one, 'UUID') === m.port)),
  shows('baremetal port list --node {p}node --long', (out, m) => out.length === 1 && cell(out[0], 'UUID') === m.port),
  shows('baremetal port list --address 52:54:00:aa:bb:01', (out) => out.length === 1),
  shows('baremetal port list --address 52:54:00:aa:bb:99', (out) => out.length === 0),
  shows(
    'baremetal port show {port}',
    (out) => out.physical_network === 'physnet1' && out.local_link_connection.port_id === 'Eth1/1',
  ),
  shows('baremetal port show --address 52:54:00:aa:bb:01', (out, m) => out.uuid === m.port),
  does('baremetal port set --pxe-disabled --extra slot=2 --address 52:54:00:aa:bb:02 {port}'),
  shows('baremetal port show {port}', (out) => out.pxe_enabled === false && out.address === '52:54:00:aa:bb:02'),
  does('baremetal port unset --extra slot --physical-network {port}'),
  shows('baremetal port show {port}', (out) => !('slot' in out.extra) && out.physical_network === null),
  does('baremetal port delete {port}'),
  fails('baremetal port show {port}', /not be found|404|{port}/i),
];

export const lifeSteps = [
  shows('baremetal node validate {p}node', (out) =>
    out.some((/** @type {any} */ one) => one.Interface === 'power' && one.Result === true),
  ),
  does('baremetal node manage --wait 60 {p}node'),
  nodeUntil('provision_state', 'manageable'),
  does('baremetal node provide --wait 60 {p}node'),
  nodeUntil('provision_state', 'available'),
  fails('baremetal node inspect {p}node', /inspect|available|state/i),
  does('baremetal node manage --wait 60 {p}node'),
  does('baremetal node power on {p}node'),
  nodeUntil('power_state', 'power on'),
  does('baremetal node reboot {p}node'),
  nodeUntil('power_state', 'power on'),
  does('baremetal node power off {p}node'),
  nodeUntil('power_state', 'power off'),
  does('baremetal node boot device set {p}node disk --persistent'),
  until('baremetal node boot device show {p}node', (out) => out.boot_device === 'disk' && out.persistent === true),
  shows('baremetal node boot device show {p}node --supported', (out) => /pxe/.test(out.supported_boot_devices)),
  fails('baremetal node boot device set {p}node floppy', /floppy|choice|boot device/i),
  fails('baremetal node inventory save {p}node', /inventory|not be found|404/i),
  does('baremetal node inspect {p}node'),
  nodeUntil('provision_state', 'inspect wait'),
  does('baremetal node abort {p}node'),
  nodeUntil('provision_state', 'inspect failed'),
  shows('baremetal node show {p}node', (out) => /abort|cancel/i.test(out.last_error ?? '')),
  does('baremetal node manage --wait 60 {p}node'),
  does('baremetal node delete {p}node'),
  fails('baremetal node show {node}', /not be found|404|{node}/i),
];
