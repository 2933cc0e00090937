import { machineWith } from '../../../test/machine.js';
import { Unusable } from '../../processing/domain/hook.js';
import { readRule } from './read-rule.js';
import { runRules } from './run-rules.js';

const rule = (conditions: object[], actions: object[], scope?: string) =>
  readRule({ conditions, actions, ...(scope !== undefined && { scope }) }, () => 'r');
const mark = (name: string) => ({ action: 'set-attribute', path: `extra/${name}`, value: true });
const is = (field: string, value: unknown) => ({ op: 'eq', field, value });

it('scopes (contract introspection §8.3)', () => {
  const machine = machineWith({ inspection_scope: 'here' });
  runRules(
    [
      rule([], [mark('all')]),
      rule([], [mark('own')], 'here'),
      rule([], [mark('other')], 'there'),
      rule([], [mark('none')], ''),
    ],
    { data: {}, machine },
  );
  expect(Object.keys(machine.node.extra)).toEqual(['all', 'own', 'none']);
});
it('all conditions of a rule have to hold', () => {
  const machine = machineWith();
  const done = runRules(
    [rule([is('a', 1), is('a', 2)], [mark('both')]), rule([is('a', 1), is('b', 2)], [mark('one')])],
    { data: { a: 1, b: 2 }, machine },
  );
  expect(Object.keys(machine.node.extra)).toEqual(['one']);
  expect(done).toHaveLength(1);
});
it('a node is seen under its own names and those of the SDK', () => {
  const machine = machineWith({}, { instance_uuid: 'i', maintenance: true, name: 'n' });
  machine.traits.add('CUSTOM_A');
  const seen = ['id', 'uuid'].map((name) => is(`node://${name}`, machine.node.uuid));
  seen.push(is('node://instance_id', 'i'), is('node://is_maintenance', true), is('node://traits[*]', 'CUSTOM_A'));
  runRules([rule(seen, [mark('seen')])], { data: {}, machine });
  expect(machine.node.extra).toEqual({ seen: true });
});
it('the first action that fails ends all; what was changed before it stays', () => {
  const machine = machineWith();
  const rules = [
    rule([], [mark('first'), { action: 'fail', message: 'stop' }, mark('second')]),
    rule([], [mark('third')]),
  ];
  expect(() => runRules(rules, { data: {}, machine })).toThrow(new Unusable('stop'));
  expect(machine.node.extra).toEqual({ first: true });
});
it('actions that take too long end the run: many of them, and texts of which a precision leaves nothing', () => {
  const machine = machineWith();
  const action = { action: 'extend-attribute', path: 'extra/list', value: 1 };
  const many = Array.from({ length: 20 }, () => rule([], Array<object>(1000).fill(action)));
  expect(() => runRules(many, { data: {}, machine })).toThrow(/take too long/);
  const cut = { action: 'set-attribute', path: 'extra/text', value: '{data[long]:.0}'.repeat(20) };
  const data = { long: 'x'.repeat(100_000) };
  expect(() => runRules([rule([], [cut])], { data, machine })).toThrow(/too long/);
});
it('nothing is done when a condition can not be judged', () => {
  const machine = machineWith();
  expect(() =>
    runRules([rule([], [mark('a')]), rule([is('t', 5)], [mark('b')])], { data: { t: 'x' }, machine }),
  ).toThrow(Unusable);
  expect(machine.node.extra).toEqual({});
});
