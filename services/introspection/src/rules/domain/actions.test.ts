import { machineWith } from '../../../test/machine.js';
import type { Machine } from '../../nodes/domain/machine.js';
import { Unusable } from '../../processing/domain/hook.js';
import { runAction } from './actions.js';
import type { Action } from './rule.js';

const data = { cpus: 4, odd: 'a,b:c', trait: 'CUSTOM_X' };
const after = (actions: object[], machine: Machine = machineWith()): Machine => {
  for (const action of actions) runAction(action as Action, { data, machine }, 'r');
  return machine;
};
const set = (path: string, value: unknown, more: object = {}) => ({ action: 'set-attribute', path, value, ...more });
const extend = (path: string, value: unknown, more: object = {}) => ({
  action: 'extend-attribute',
  path,
  value,
  ...more,
});

describe('set-attribute', () => {
  it('with and without a slash, text is formatted, other values stay', () => {
    const { node } = after([
      set('/extra/a', '{data[cpus]}'),
      set('extra/b', 5),
      set('extra/c', null),
      set('extra/d', { x: [] }),
    ]);
    expect(node.extra).toEqual({ a: '4', b: 5, c: null, d: { x: [] } });
  });
  it('into lists as JSON patch does', () => {
    const { node } = after([set('extra/l', [1, 2]), set('extra/l/0', 0), set('extra/l/-', 3), set('extra/l/1', 9)]);
    expect(node.extra).toEqual({ l: [0, 9, 1, 2, 3] });
  });
  it('with escaped names, and with those of prototypes', () => {
    const { node } = after([set('extra/a~1b~0', 1), set('extra/__proto__', { polluted: 1 })]);
    expect(Object.keys(node.extra)).toEqual(['a/b~', '__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
  it('a new driver brings its interfaces, unless it is told not to', () => {
    const own = () => machineWith({}, { power_interface: 'ipmitool' });
    expect(after([set('/driver', 'redfish')], own()).node.power_interface).toBeNull();
    expect(after([set('driver', 'redfish', { reset_interfaces: false })], own()).node.power_interface).toBe('ipmitool');
    expect(after([set('extra/a', 1)], own()).node.power_interface).toBe('ipmitool');
  });
  it.each([
    ...[
      set('', 1),
      set('/', 1),
      set('uuid', 'x'),
      set('/provision_state', 'active'),
      set('a', 1),
      set('__proto__/x', 1),
    ],
    ...[
      set('properties', 'x'),
      set('extra', []),
      set('driver', ''),
      set('driver', null),
      set('name', 5),
      set('owner', 'a\0'),
    ],
    ...[set('extra/no/way', 1), set('extra/l/1', 1), set('properties/capabilities/x', 1), set('name/x', 1)],
    ...[set('description', 'x'.repeat(5000)), set('driver', 'nope'), set('name', 'a b')],
  ])('refused: %j', (action) => {
    const machine = machineWith({ capabilities: 'a:1' }, { name: 'n' });
    expect(() => after([action], machine)).toThrow(Unusable);
    expect(machine).toEqual(machineWith({ capabilities: 'a:1' }, { name: 'n' }));
  });
});
it('set-capability sets, formats and removes', () => {
  const machine = machineWith({ capabilities: 'old:1,kept:2' });
  const one = { action: 'set-capability' };
  after(
    [
      { ...one, name: 'added', value: '{data[cpus]}' },
      { ...one, name: 'yes', value: true },
      { ...one, name: 'old' },
    ],
    machine,
  );
  expect(machine.node.properties.capabilities).toBe('kept:2,added:4,yes:True');
  expect(after([{ ...one, name: 'absent' }]).node.properties).toEqual({});
  expect(() => after([{ ...one, name: 'x', value: '{data[odd]}' }])).toThrow(Unusable);
});
it('extend-attribute makes and extends lists, each value once where it is to be', () => {
  const { node } = after([
    ...[extend('/extra/list', 'a'), extend('extra/list', 'a'), extend('extra/once', { x: 1 }, { unique: true })],
    ...[extend('extra/once', { x: 1.0 }, { unique: true }), extend('extra/once', { x: 1 }, { unique: false })],
  ]);
  expect(node.extra).toEqual({ list: ['a', 'a'], once: [{ x: 1 }, { x: 1 }] });
});
it.each(['extra/text', 'properties', 'name', 'extra/no/way'])('extend-attribute of %s: the run fails', (path) => {
  expect(() => after([extend(path, 1)], machineWith({}, { extra: { text: 'x' }, name: 'n' }))).toThrow(Unusable);
});
it('traits are added and removed; one that is absent is no error', () => {
  const trait = (action: string, name: string) => ({ action, name });
  const machine = after([
    trait('add-trait', 'CUSTOM_A'),
    trait('add-trait', 'HW_CPU_X86_VMX'),
    trait('add-trait', 'CUSTOM_A'),
  ]);
  expect([...after([trait('remove-trait', 'CUSTOM_A'), trait('remove-trait', 'CUSTOM_B')], machine).traits]).toEqual([
    'HW_CPU_X86_VMX',
  ]);
  for (const name of ['x', 'CUSTOM_a', 'CUSTOM_', '{data[trait]}', '', 'HW', `CUSTOM_${'A'.repeat(300)}`])
    expect(() => after([trait('add-trait', name)])).toThrow(Unusable);
  const many = Array.from({ length: 51 }, (_one, i) => trait('add-trait', `CUSTOM_${i}`));
  expect(() => after(many)).toThrow(/more than 50/);
});
it('fail ends the run with its message as it is', () => {
  expect(() => after([{ action: 'fail', message: 'stop {data[cpus]}' }])).toThrow(new Unusable('stop {data[cpus]}'));
});
it('a format that names what is not there names the rule', () => {
  expect(() => after([set('extra/x', '{data[absent_thing]}')])).toThrow(/Rule r .*absent_thing/);
});
