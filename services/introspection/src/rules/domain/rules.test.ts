import { Unusable } from '../../processing/domain/hook.js';
import type { JsonObject } from '../../values.js';
import { holds } from './conditions.js';
import { BadRule, readRule } from './read-rule.js';
import type { Condition } from './rule.js';
import { runRules } from './run-rules.js';

const data: JsonObject = {
  memory_mb: 12288,
  cpus: 4,
  cpu_arch: 'x86_64',
  inventory: { bmc_address: '198.18.0.9', interfaces: [{ name: 'eth1' }, { name: 'eth2' }] },
  facts: { text12: '12', one: 1, part: 12.7, none: [], zero: 0 },
  yes: true,
  nil: null,
};
const node = (): JsonObject => ({
  uuid: 'u',
  driver: 'fake-hardware',
  driver_info: {},
  extra: { mark: 'before' },
  properties: {},
});
const condition = (more: object): Condition => ({ multiple: 'any', invert: false, ...more }) as Condition;

describe('conditions (contract introspection §8.2)', () => {
  it.each([
    [true, { op: 'eq', field: 'memory_mb', value: 12288 }],
    [false, { op: 'eq', field: 'memory_mb', value: '12288' }],
    [true, { op: 'eq', field: 'facts.one', value: true }],
    [true, { op: 'eq', field: 'facts.part', value: 12 }],
    [true, { op: 'gt', field: 'memory_mb', value: 12287.5 }],
    [true, { op: 'eq', field: 'facts.text12', value: 12 }],
    [false, { op: 'le', field: 'cpus', value: 3 }],
    [false, { op: 'ne', field: 'nothing.here', value: 1 }],
    [false, { op: 'eq', field: 'nothing.here', value: 1, invert: true }],
    [true, { op: 'is-empty', field: 'nothing.here' }],
    [false, { op: 'is-empty', field: 'nothing.here', invert: true }],
    [true, { op: 'is-empty', field: 'facts.none' }],
    [false, { op: 'is-empty', field: 'facts.zero' }],
    [true, { op: 'in-net', field: 'inventory.bmc_address', value: '198.18.0.0/15' }],
    [false, { op: 'in-net', field: 'inventory.bmc_address', value: '10.0.0.0/8' }],
    [true, { op: 'matches', field: 'cpu_arch', value: 'x86.*' }],
    [false, { op: 'matches', field: 'cpu_arch', value: 'x86' }],
    [true, { op: 'contains', field: 'cpu_arch', value: '86_' }],
    [true, { op: 'eq', field: 'inventory.interfaces[*].name', value: 'eth2' }],
    [false, { op: 'eq', field: 'inventory.interfaces[*].name', value: 'eth2', multiple: 'all' }],
    [true, { op: 'eq', field: 'inventory.interfaces[*].name', value: 'eth1', multiple: 'first' }],
    [true, { op: 'eq', field: 'inventory.interfaces[*].name', value: 'eth1', invert: true }],
    [true, { op: 'eq', field: 'node://driver', value: 'fake-hardware' }],
    [true, { op: 'eq', field: 'data://cpu_arch', value: 'x86_64' }],
    [true, { op: 'contains', field: 'inventory', value: "'name': 'eth1'" }],
  ])('%s: %j', (expected, one) => {
    expect(holds(condition(one), { data, node: node() })).toBe(expected);
  });
  it('what can not be compared ends the run', () => {
    expect(() => holds(condition({ op: 'gt', field: 'cpu_arch', value: 3 }), { data, node: node() })).toThrow(Unusable);
  });
});
describe('rules', () => {
  it('all are judged before any acts', () => {
    const machine = { node: node() as never, ports: [], traits: new Set<string>() };
    const rule = (conditions: object[], actions: object[]) => readRule({ conditions, actions }, () => 'r');
    runRules(
      [
        rule([], [{ action: 'set-attribute', path: 'extra/mark', value: 'after' }]),
        rule(
          [{ op: 'eq', field: 'node://extra.mark', value: 'before' }],
          [
            { action: 'extend-attribute', path: '/extra/list', value: '{data[cpus]}' },
            { action: 'add-trait', name: 'CUSTOM_A' },
          ],
        ),
      ],
      { data, machine },
    );
    expect((machine.node as JsonObject).extra).toEqual({ mark: 'after', list: ['4'] });
    expect([...machine.traits]).toEqual(['CUSTOM_A']);
  });
  it.each([
    null,
    [],
    {},
    { actions: [] },
    { actions: [{ action: 'nope' }] },
    { actions: [{ action: 'fail' }] },
    { actions: [{ action: 'fail', message: 'm', x: 1 }] },
    { actions: [{ action: 'fail', message: 'm' }], uuid: 5 },
    { actions: [{ action: 'fail', message: 'm' }], scope: 'x'.repeat(256) },
    { actions: [{ action: 'fail', message: 'm' }], conditions: null },
    { actions: [{ action: 'fail', message: 'm' }], conditions: [{ op: 'matches', field: 'a', value: '(' }] },
    { actions: [{ action: 'fail', message: 'm' }], conditions: [{ op: 'in-net', field: 'a', value: '10.0.0.0/99' }] },
  ])('refused: %j', (body) => {
    expect(() => readRule(body, () => 'r')).toThrow(BadRule);
  });
});
