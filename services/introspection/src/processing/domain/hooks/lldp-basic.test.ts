import { runHook } from '../../../../test/machine.js';
import type { JsonObject } from '../../../values.js';
import { lldpBasic } from './lldp-basic.js';

const CHASSIS = [1, '04112233aabbcc'];
const processed = (one: object, newer?: unknown): unknown => {
  const data = {
    all_interfaces: { eth0: {} },
    inventory: { interfaces: [{ name: 'eth0', ...one }] },
    ...(newer !== undefined && { lldp_raw: newer }),
  } as JsonObject;
  runHook(lldpBasic, data);
  return (data.all_interfaces as { eth0: JsonObject }).eth0.lldp_processed;
};
it('what the switch says stands at the interface', () => {
  expect(processed({ lldp: [CHASSIS] })).toEqual({ switch_chassis_id: '11:22:33:aa:bb:cc' });
});
it('newer ramdisks report it apart', () => {
  expect(processed({ lldp: [[1, '0461']] }, { eth0: [CHASSIS] })).toEqual({ switch_chassis_id: '11:22:33:aa:bb:cc' });
  expect(processed({ lldp: [CHASSIS] }, { eth0: [] })).toEqual({ switch_chassis_id: '11:22:33:aa:bb:cc' });
});
it.each([
  [{}],
  [{ lldp: null }],
  [{ lldp: 'x' }],
  [{ lldp: [] }],
  [{ lldp: [[0, '']] }],
  [{ lldp: [CHASSIS], name: 'eth1' }],
])('nothing said, nothing there: %j', (one) => {
  expect(processed(one)).toBeUndefined();
});
it('no name of an interface is special', () => {
  const all_interfaces = JSON.parse('{"__proto__":{}}') as JsonObject;
  const interfaces = [
    { name: '__proto__', lldp: [CHASSIS] },
    { name: 'toString', lldp: [CHASSIS] },
  ];
  runHook(lldpBasic, { all_interfaces, inventory: { interfaces } });
  expect(JSON.stringify(all_interfaces)).toBe(
    '{"__proto__":{"lldp_processed":{"switch_chassis_id":"11:22:33:aa:bb:cc"}}}',
  );
});
