import { machineWith, portAt } from '../../../test/machine.js';
import { parseExactly } from '../../json-text.js';
import type { Machine } from '../../nodes/domain/machine.js';
import { Unusable } from '../../processing/domain/hook.js';
import type { JsonObject } from '../../values.js';
import type { InspectionRule } from './inspection-rule.js';
import { readInspectionRule } from './read-inspection-rule.js';
import { BadRule } from './read-rule.js';
import { runInspectionRules } from './run-inspection-rules.js';

const report = (): JsonObject => ({
  inventory: {
    cpu: { count: 4, architecture: 'x86_64' },
    bmc_address: '198.18.0.9',
    interfaces: [{ name: 'eth0', mac_address: '11:22:33:44:55:66' }, { name: 'eth1' }],
    system_vendor: { manufacturer: 'Dell Inc.', product_name: '' },
  },
  all_interfaces: { eth0: { pxe: true } },
  list: [],
  yes: true,
});
const FAIL = [{ op: 'fail', args: { msg: 'stop' } }];
const mark = (name: string) => [{ op: 'set-attribute', args: { path: `extra/${name}`, value: true } }];
const rule = (body: object): InspectionRule => ({ ...readInspectionRule(body), form: 'inspection', uuid: 'r' });
const run = (actions: unknown[], conditions: unknown[] = [], machine = machineWith(), data = report()) => {
  const outcome = runInspectionRules([rule({ actions, conditions })], { data, machine });
  return { machine, data, ...outcome };
};
const holds = (condition: object): boolean => run(mark('held'), [condition]).machine.node.extra.held === true;

describe('conditions (contract introspection §12.1)', () => {
  const values = (...list: unknown[]) => ({ args: { values: list } });
  it.each<[object, boolean]>([
    [{ op: 'eq', ...values('{inventory[cpu][architecture]}', 'x86_64') }, true],
    [{ op: '!eq', ...values('{inventory[cpu][architecture]}', 'x86_64') }, false],
    [{ op: '! eq', ...values('a', 'b') }, true],
    [{ op: 'eq', ...values('{inventory[cpu][count]}', 4) }, false],
    [{ op: 'eq', args: { values: ['{inventory[cpu][count]}', 4], force_strings: true } }, true],
    [{ op: 'eq', args: [['{node.driver}', 'fake-hardware']] }, true],
    [{ op: 'eq', ...values(1, 1.0, true) }, true],
    [{ op: 'eq', ...values('a') }, true],
    [{ op: 'ne', ...values('a', 'b') }, true],
    [{ op: 'lt', ...values(1, 2, 3) }, true],
    [{ op: 'lt', ...values(1, 3, 2) }, false],
    [{ op: 'le', ...values(1, 1) }, true],
    [{ op: 'gt', ...values('b', 'a') }, true],
    [{ op: 'ge', ...values(2, 3) }, false],
    [{ op: 'is-empty', args: { value: '{plugin_data[list]}' } }, true],
    [{ op: 'is-empty', args: ['{inventory[system_vendor][product_name]}'] }, true],
    [{ op: 'is-empty', args: { value: '{inventory[cpu]}' } }, false],
    [{ op: 'is-none', args: { value: '{plugin_data[absent]}' } }, true],
    [{ op: '!is-none', args: { value: '{plugin_data[yes]}' } }, true],
    [{ op: 'is-true', args: { value: '{plugin_data[yes]}' } }, true],
    [{ op: 'is-true', args: { value: 'no' } }, false],
    [{ op: 'is-true', args: { value: 2 } }, true],
    [{ op: 'is-false', args: { value: '{plugin_data[absent]}' } }, true],
    [{ op: 'is-false', args: { value: 'False' } }, true],
    [{ op: 'in-net', args: { address: '{inventory[bmc_address]}', subnet: '198.18.0.0/15' } }, true],
    [{ op: 'in-net', args: ['{plugin_data[absent]}', '198.18.0.0/15'] }, false],
    [{ op: 'matches', args: { value: '{inventory[system_vendor][manufacturer]}', regex: 'Dell.{5}' } }, true],
    [{ op: 'matches', args: { value: '{inventory[system_vendor][manufacturer]}', regex: 'Dell' } }, false],
    [{ op: 'contains', args: { value: '{inventory[system_vendor][manufacturer]}', regex: '(?i)dell' } }, true],
    [{ op: 'one-of', args: { value: '{inventory[cpu][architecture]}', values: ['arm', 'x86_64'] } }, true],
    [{ op: 'one-of', args: { value: 'mips', values: ['arm', 'x86_64'] } }, false],
    [{ op: 'eq', ...values('{item}', 'b'), loop: ['a', 'b'] }, true],
    [{ op: 'eq', ...values('{item}', 'b'), loop: ['a', 'b'], multiple: 'all' }, false],
    [{ op: 'eq', ...values('{item}', 'b'), loop: ['a', 'b'], multiple: 'first' }, false],
    [{ op: 'eq', ...values('{item}', 'b'), loop: ['a', 'b'], multiple: 'last' }, true],
    [{ op: 'eq', ...values('{item[name]}', '{inventory[interfaces][0][name]}'), loop: { name: 'eth0' } }, true],
    [{ op: 'eq', ...values('{item}', 4), loop: [4] }, true],
    [{ op: 'eq', ...values('a', 'a'), loop: [] }, true],
  ])('%j: %p', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });
  it.each([
    { op: 'lt', args: { values: ['{inventory[cpu][count]}', 5] } },
    { op: 'lt', args: { values: '{inventory[cpu]}' } },
    { op: 'in-net', args: { address: '{inventory[cpu][architecture]}', subnet: '10.0.0.0/8' } },
    { op: 'in-net', args: { address: '10.0.0.1', subnet: '{inventory[cpu][architecture]}' } },
  ])('%j ends the run', (condition) => {
    expect(() => holds(condition)).toThrow(Unusable);
  });
});
describe('actions (contract introspection §12.1)', () => {
  const one = (op: string, args: object, more: object = {}) => ({ op, args, ...more });
  it('attributes: objects are made on the way; deleted is as never set', () => {
    const { machine } = run([
      one('set-attribute', { path: '/driver_info/deep/er', value: '{inventory[bmc_address]}' }),
      one('set-attribute', { path: 'properties.vendor', value: '{inventory[system_vendor][manufacturer]}' }),
      one('set-attribute', ['extra/n', 5]),
      one('extend-attribute', { path: 'extra/list', value: 'a' }),
      one('extend-attribute', { path: 'extra/list', value: 'a', unique: true }),
      one('set-attribute', { path: 'extra/gone', value: 1 }),
      one('del-attribute', { path: 'extra/gone' }),
      one('set-attribute', { path: 'description', value: 'x' }),
      one('del-attribute', { path: 'description' }),
    ]);
    expect(machine.node).toMatchObject({ driver_info: { deep: { er: '198.18.0.9' } }, description: null });
    expect(machine.node.properties).toEqual({ vendor: 'Dell Inc.' });
    expect(machine.node.extra).toEqual({ n: 5, list: ['a'] });
  });
  it('capabilities and traits', () => {
    const { machine } = run(
      [
        one('set-capability', { name: 'cpus', value: '{inventory[cpu][count]}' }),
        one('unset-capability', { name: 'old' }),
        one('add-trait', { name: 'CUSTOM_A' }),
        one('add-trait', ['CUSTOM_B']),
        one('remove-trait', { name: 'CUSTOM_A' }),
      ],
      [],
      machineWith({ capabilities: 'old:1' }),
    );
    expect([machine.node.properties.capabilities, ...machine.traits]).toEqual(['cpus:4', 'CUSTOM_B']);
  });
  it('data beside the inventory', () => {
    const { data } = run([
      one('set-plugin-data', { path: 'a.b', value: '{inventory[cpu][count]}' }),
      one('extend-plugin-data', { path: 'list', value: 1 }),
      one('extend-plugin-data', { path: 'list', value: 1, unique: true }),
      one('unset-plugin-data', { path: 'yes' }),
      one('unset-plugin-data', { path: 'not.there' }),
    ]);
    expect(data).toMatchObject({ a: { b: '4' }, list: [1] });
    expect(Object.hasOwn(data, 'yes')).toBe(false);
  });
  it('ports, by their UUID or address', () => {
    const uuid = 'c244557e-899f-46fa-a1ff-5b2c6718616b';
    const machine: Machine = { ...machineWith(), ports: [portAt('11:22:33:44:55:66', { uuid, extra: { old: 1 } })] };
    run(
      [
        one('set-port-attribute', { port_id: uuid, path: 'pxe_enabled', value: false }),
        one('set-port-attribute', ['{inventory[interfaces][0][mac_address]}', '/local_link_connection/port_id', '7']),
        one('set-port-attribute', { port_id: uuid, path: 'physical_network', value: 'one' }),
        one('extend-port-attribute', { port_id: uuid, path: 'extra/list', value: 1 }),
        one('del-port-attribute', { port_id: uuid, path: 'extra/old' }),
      ],
      [],
      machine,
    );
    expect(machine.ports[0]).toEqual(
      portAt('11:22:33:44:55:66', {
        ...{ uuid, pxe_enabled: false, physical_network: 'one', extra: { list: [1] } },
        local_link_connection: { port_id: '7' },
      }),
    );
  });
  it('in a loop, once for each item, which is filled in first and never again', () => {
    const data = { ...report(), evil: '{node.driver_info}' };
    const args = { path: '{item[path]}', value: '{item[value]}' };
    const loop = [
      { path: 'extra/a', value: '{inventory[cpu][count]}' },
      { path: 'extra/b', value: '{plugin_data[evil]}' },
    ];
    const { machine } = run([one('set-attribute', args, { loop })], [], machineWith(), data);
    expect(machine.node.extra).toEqual({ a: '4', b: '{node.driver_info}' });
  });
  it('log says it of the run; fail ends it, with its message as it is', () => {
    expect(run([one('log', { msg: 'cpus: {inventory[cpu][count]}', level: 'INFO' })]).notes).toEqual(['cpus: 4']);
    expect(() => run([one('fail', { msg: 'stop {inventory}' })])).toThrow(new Unusable('stop {inventory}'));
  });
  it.each([
    one('set-attribute', { path: 'provision_state', value: 'active' }),
    one('set-attribute', { path: 'extra/x', value: '{inventory[absent]}' }),
    one('set-attribute', { path: 'extra/x', value: '{node.__class__}' }),
    one('del-attribute', { path: 'extra/absent' }),
    one('del-attribute', { path: 'driver' }),
    one('set-plugin-data', { path: 'inventory.cpu', value: 1 }),
    one('set-plugin-data', { path: 'yes.more', value: 1 }),
    one('extend-plugin-data', { path: 'yes', value: 1 }),
    one('set-port-attribute', { port_id: 'nobody', path: 'extra/x', value: 1 }),
    one('add-trait', { name: 'lower' }),
  ])('%j: the run fails', (action) => {
    expect(() => run([action])).toThrow(Unusable);
  });
  it('keys of prototypes are keys as any other', () => {
    const { data } = run([one('set-plugin-data', { path: '__proto__.polluted', value: 1 })]);
    expect(Object.hasOwn(data, '__proto__')).toBe(true);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
  it('too many items end the run', () => {
    const loop = Array.from({ length: 20_000 }, () => 1);
    expect(() => run([one('set-attribute', { path: 'extra/a', value: '{item}' }, { loop })])).toThrow(/too long/);
  });
});
it('rules see what those before them have changed', () => {
  const machine = machineWith();
  const rules = [
    rule({ actions: mark('first') }),
    rule({ actions: mark('second'), conditions: [{ op: 'is-true', args: { value: '{node.extra[first]}' } }] }),
    rule({ actions: FAIL, conditions: [{ op: 'is-none', args: { value: '{node.extra[second]}' } }] }),
  ];
  expect(runInspectionRules(rules, { data: report(), machine }).applied).toHaveLength(2);
  expect(machine.node.extra).toEqual({ first: true, second: true });
});
describe('a rule as it is sent (contract introspection §12.1)', () => {
  it('has defaults', () => {
    expect(readInspectionRule({ actions: FAIL })).toEqual({
      ...{ uuid: null, description: null, priority: 0, phase: 'main', sensitive: false, conditions: [], actions: FAIL },
    });
  });
  it.each([
    ...[null, [], {}, { actions: [] }, { actions: FAIL, colour: 1 }, { actions: FAIL, uuid: 'x' }],
    ...[
      { actions: FAIL, priority: -1 },
      { actions: FAIL, priority: 10_000 },
      { actions: FAIL, priority: '5' },
    ],
    ...[
      { actions: FAIL, phase: 'early' },
      { actions: FAIL, sensitive: 'yes' },
      { actions: FAIL, priority: 1.5 },
    ],
    ...[{ actions: FAIL, description: 'x'.repeat(256) }, { actions: [{ op: 'nope', args: {} }] }],
    ...[
      { actions: [{ op: 'fail' }] },
      { actions: [{ op: 'fail', args: {} }] },
      { actions: [{ op: '!fail', args: ['m'] }] },
    ],
    ...[{ actions: [{ op: 'fail', args: { msg: 'm', x: 1 } }] }, { actions: [{ op: 'fail', args: ['m', 'n'] }] }],
    ...[{ actions: [{ op: 'api-call', args: { url: 'http://x' } }] }, { actions: [{ op: 'toString', args: {} }] }],
    ...[{ actions: [{ op: 'log', args: ['m', 'loud'] }] }, { actions: [{ op: 'fail', args: ['m'], loop: 'x' }] }],
    ...[{ actions: [{ op: 'fail', args: ['m'], multiple: 'any' }] }, { actions: FAIL, conditions: {} }],
    ...[
      { op: 'like', args: {} },
      { op: 'eq', args: { values: 'x' } },
      { op: 'matches', args: ['x', '('] },
      { op: 'in-net', args: ['1.2.3.4', 'x'] },
      { op: 'eq', args: [[]], multiple: 'some' },
      'x',
    ].map((condition) => ({ actions: FAIL, conditions: [condition] })),
  ])('refused: %#', (body) => {
    expect(() => readInspectionRule(body)).toThrow(BadRule);
  });
  it('numbers keep their spelling', () => {
    const body = parseExactly('{"actions":[{"op":"fail","args":[1.0]}],"priority":5}');
    expect(readInspectionRule(body).actions[0]?.args).toEqual([parseExactly('1.0')]);
  });
});
