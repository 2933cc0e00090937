// @ts-check
// The openstack command of python-ironic-inspector-client: runs of simulated machines, their data, rules, interfaces.
import { does, fails, shows } from '../faces/step.mjs';

/** @param {string} line @param {(out: any, memory: import('../faces/step.mjs').Memory) => unknown} holds */
const until = (line, holds) => shows(line, holds, { env: { UNTIL: 'it is so' } });
const plain = { as: /** @type {const} */ ('stranger') };
const row = (/** @type {any[]} */ rows, /** @type {string} */ uuid) => rows.find((one) => one.UUID === uuid);

export const runSteps = [
  shows(
    'baremetal node create --driver fake-hardware --name {p}sim --driver-info simulated_machine={sample} ' +
      '--driver-info ipmi_address=192.0.2.90',
    (out, m) => {
      m.sim = out.uuid;
      return out.uuid;
    },
  ),
  fails('baremetal introspection status {p}sim', /never introspected|not found/i),
  fails('baremetal introspection data save {p}sim', /not found|404/i),
  fails('baremetal introspection start no-such-node', /no-such-node|not found|404/i),
  fails('baremetal introspection start {p}sim', /403|forbid|not allowed|polic|authori|denied/i, plain),
  fails('baremetal introspection list', /403|forbid|not allowed|polic|authori|denied/i, plain),
  shows(
    'baremetal introspection start --wait {p}sim',
    (out, m) => out[0].UUID === `${m.p}sim` && out[0].Error === null,
  ),
  shows(
    'baremetal introspection status {p}sim',
    (out, m) => out.uuid === m.sim && out.finished === true && out.state === 'finished' && out.error === null,
  ),
  shows('baremetal introspection list', (out, m) => row(out, m.sim)?.Error === null),
  shows('baremetal introspection list --limit 1', (out) => out.length === 1),
  shows('baremetal introspection list --marker {sim}', (out, m) => !row(out, m.sim)),
  fails('baremetal introspection list --limit 5000', /limit|1000/i),
  shows(
    'baremetal introspection data save {p}sim',
    (out) => {
      const data = JSON.parse(out);
      return data.cpus > 0 && data.all_interfaces && data.inventory && !('logs' in data);
    },
    { json: false },
  ),
  does('baremetal introspection data save --file {dir}/{p}data.json {p}sim'),
  does('baremetal introspection data save --unprocessed --file {dir}/{p}raw.json {p}sim'),
  shows(
    'baremetal introspection data save --unprocessed {p}sim',
    (out) => {
      const data = JSON.parse(out);
      return data.inventory && !('all_interfaces' in data);
    },
    { json: false },
  ),
  shows('baremetal introspection interface list {p}sim', (out, m) => {
    m.interface = out[0]?.Interface;
    return m.interface && out[0]['MAC Address'];
  }),
  shows('baremetal introspection interface list --long {p}sim', (out) =>
    out.every((/** @type {any} */ one) => one['Switch Port ID'] === 'Ethernet7' && one['Switch Port MTU'] > 0),
  ),
  shows('baremetal introspection interface list --vlan 101 {p}sim', (out) => out.length === 2),
  shows('baremetal introspection interface list --vlan 4094 {p}sim', (out) => out.length === 0),
  shows(
    'baremetal introspection interface list {p}sim --fields interface mac',
    (out) => Object.keys(out[0]).length === 2,
  ),
  shows(
    'baremetal introspection interface show {p}sim {interface}',
    (out, m) => out.interface === m.interface && out.mac && out.switch_system_name === 'leaf1',
  ),
  fails('baremetal introspection interface show {p}sim no-such-interface', /no-such-interface/),
  shows(
    'baremetal node show {p}sim',
    (out) => out.properties.cpus && out.properties.cpu_arch && out.properties.local_gb,
  ),
  shows(
    'baremetal port list --node {p}sim --fields address local_link_connection pxe_enabled',
    (out) => out.length === 1 && /11:22:33:aa:bb:cc/.test(JSON.stringify(out)),
  ),
  shows(
    'baremetal node inventory save {p}sim',
    (out) => {
      const { inventory, plugin_data: data } = JSON.parse(out);
      return inventory.interfaces.length > 0 && data;
    },
    { json: false },
  ),
];

export const ruleSteps = [
  shows('baremetal introspection rule import {dir}/rules.json', (out, m) => {
    m.rule = out[0]?.UUID;
    return out.length === 2 && out[0].Description === 'the rack';
  }),
  shows('baremetal introspection rule list', (out, m) => row(out, m.rule)?.Description === 'the rack'),
  shows('baremetal introspection rule show {rule}', (out) => out.actions.length === 1 && out.conditions[0].op === 'ge'),
  fails('baremetal introspection rule import {dir}/bad-rule.json', /no-such-action/),
  fails('baremetal introspection rule show 00000000-0000-4000-8000-000000000000', /not found|404/i),
  fails('baremetal introspection rule list', /403|forbid|not allowed|polic|authori|denied/i, plain),
  does('baremetal introspection reprocess {p}sim'),
  until('baremetal introspection status {p}sim', (out) => out.state === 'finished'),
  shows(
    'baremetal node show {p}sim',
    (out) => out.extra.rack === 'r7' && /ruled:yes/.test(out.properties.capabilities),
  ),
  does('baremetal introspection rule delete {rule}'),
  shows('baremetal introspection rule list', (out, m) => out.length === 1 && !row(out, m.rule)),
  does('baremetal introspection rule purge'),
  shows('baremetal introspection rule list', (out) => out.length === 0),
];

export const abortSteps = [
  shows(
    'baremetal node create --driver fake-hardware --name {p}still --driver-info ipmi_address=192.0.2.77',
    (out, m) => {
      m.still = out.uuid;
      return out.uuid;
    },
  ),
  fails('baremetal introspection abort {p}still', /never introspected|not found/i),
  does('baremetal introspection start {p}still', { json: false }),
  until('baremetal introspection status {still}', (out) => out.state === 'waiting' && out.finished === false),
  does('baremetal introspection abort {p}still'),
  until(
    'baremetal introspection status {p}still',
    (out) => out.state === 'error' && out.error === 'Canceled by operator',
  ),
  fails('baremetal introspection reprocess {p}still', /not found|404/i),
  does('baremetal node delete {p}still'),
  fails('baremetal introspection status {still}', /never introspected|not found/i),
  // Inspection by the other API of the same machine.
  does('baremetal node manage --wait 60 {p}sim'),
  does('baremetal node inspect --wait 120 {p}sim'),
  shows('baremetal node show {p}sim', (out) => out.provision_state === 'manageable' && out.inspection_finished_at),
  does('baremetal node delete {p}sim'),
];
/** What the steps import. */
export const RULES = [
  {
    description: 'the rack',
    conditions: [{ op: 'ge', field: 'data://cpus', value: 1 }],
    actions: [{ action: 'set-attribute', path: '/extra/rack', value: 'r7' }],
  },
  { description: 'ruled', actions: [{ action: 'set-capability', name: 'ruled', value: 'yes' }] },
];
export const BAD_RULE = { actions: [{ action: 'no-such-action' }] };
