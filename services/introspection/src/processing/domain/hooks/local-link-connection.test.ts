import { machineWith, portAt, runHook } from '../../../../test/machine.js';
import { localLinkConnection } from './local-link-connection.js';

const LLDP = [
  [1, '04112233aabbcc'],
  [2, '07373334'],
];
const linked = (one: object, more: object = {}, overwriteExisting = true, data: object = {}): unknown => {
  const machine = { ...machineWith(), ports: [portAt('11:22:33:44:55:66', more)] };
  const interfaces = [{ name: 'eth0', mac_address: '11:22:33:44:55:66', lldp: LLDP, ...one }];
  runHook(localLinkConnection, { inventory: { interfaces }, ...data }, machine, { overwriteExisting });
  return machine.ports[0]?.local_link_connection;
};
it.each([
  [{}, { switch_id: '11:22:33:aa:bb:cc', port_id: '734' }],
  [{ mac_address: '11:22:33:44:55:66'.toUpperCase() }, { switch_id: '11:22:33:aa:bb:cc', port_id: '734' }],
  [{ lldp: [[1, '0773773031'], ...LLDP.slice(1)] }, { port_id: '734' }],
  [{ lldp: [[2, '031122334455']] }, {}],
  [{ lldp: [[2, '03112233445566']] }, { port_id: '11:22:33:44:55:66' }],
  [{ lldp: null }, {}],
  [{ mac_address: null }, {}],
])('%j: %j', (one, expected) => {
  expect(linked(one)).toEqual(expected);
});
it('newer ramdisks report it apart', () => {
  expect(linked({ lldp: null }, {}, true, { lldp_raw: { eth0: LLDP } })).toMatchObject({ port_id: '734' });
});
it('values that are there are replaced, unless nothing is', () => {
  const there = { local_link_connection: { port_id: 'old', other: 1 } };
  expect(linked({}, structuredClone(there))).toEqual({ port_id: '734', switch_id: '11:22:33:aa:bb:cc', other: 1 });
  expect(linked({}, structuredClone(there), false)).toMatchObject({ port_id: 'old', switch_id: '11:22:33:aa:bb:cc' });
});
