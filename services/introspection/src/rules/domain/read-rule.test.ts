import { parseExactly } from '../../json-text.js';
import { BadRule, readRule } from './read-rule.js';

const FAIL = [{ action: 'fail', message: 'm' }];
const read = (body: unknown) => readRule(body, () => 'made');
const withCondition = (condition: object) => ({ actions: FAIL, conditions: [condition] });

describe('a rule as it is sent (contract introspection §8.1)', () => {
  it('has defaults; unknown keys at the top are passed over', () => {
    expect(read({ actions: FAIL, colour: 'red', uuid: '' })).toEqual({
      ...{ uuid: 'made', description: null, scope: null, conditions: [], actions: FAIL },
    });
    expect(read(withCondition({ op: 'is-empty', field: 'a' })).conditions).toEqual([
      { op: 'is-empty', field: 'a', invert: false, multiple: 'any' },
    ]);
  });
  it.each(['C244557E-899F-46FA-A1FF-5B2C6718616B', 'c244557e899f46faa1ff5b2c6718616b'])('keeps the uuid %s', (uuid) => {
    expect(read({ actions: FAIL, uuid }).uuid).toBe(uuid);
  });
  it('keeps numbers as they are written', () => {
    const body = parseExactly(
      '{"actions":[{"action":"fail","message":1.0}],"conditions":[{"op":"eq","field":"a","value":2048.0}]}',
    );
    expect(read(body).conditions[0]?.value).toEqual(parseExactly('2048.0'));
    expect(read(body).actions[0]?.message).toEqual(parseExactly('1.0'));
  });
  it.each([
    ['is-empty', {}],
    ...['eq', 'ne', 'lt', 'le', 'gt', 'ge'].map((op) => [op, { value: false }] as [string, object]),
    ['in-net', { value: '10.0.0.0/8' }],
    ['matches', { value: 'a+' }],
    ['contains', { value: '' }],
    ['eq', { value: [1], multiple: 'first', invert: true }],
  ])('condition %s %j', (op, more) => {
    expect(() => read(withCondition({ op, field: 'node://a', ...more }))).not.toThrow();
  });
  it.each([
    [{ action: 'set-attribute', path: '/a', value: null }],
    [{ action: 'set-attribute', path: '/a', value: {}, reset_interfaces: true }],
    [{ action: 'set-capability', name: 'n' }],
    [{ action: 'set-capability', name: 'n', value: null }],
    [{ action: 'extend-attribute', path: 'a', value: 0, unique: true }],
    [{ action: 'add-trait', name: 'CUSTOM_A' }],
    [{ action: 'remove-trait', name: 'CUSTOM_A' }],
  ])('action %j', (action) => {
    expect(read({ actions: [action] }).actions).toEqual([action]);
  });
  it.each([
    ...[
      withCondition({ op: 'is-empty' }),
      withCondition({ field: 'a' }),
      withCondition({ op: 'like', field: 'a', value: 1 }),
    ],
    ...[withCondition({ op: 'is-empty', field: 5 }), withCondition({ op: 'is-empty', field: 'http://a' })],
    ...[withCondition({ op: 'is-empty', field: 'a[[' }), withCondition({ op: 'is-empty', field: 'a'.repeat(1001) })],
    ...[withCondition({ op: 'eq', field: 'a' }), withCondition({ op: 'eq', field: 'a', value: null })],
    ...[
      withCondition({ op: 'is-empty', field: 'a', value: 1 }),
      withCondition({ op: 'eq', field: 'a', value: 1, x: 1 }),
    ],
    ...[
      withCondition({ op: 'eq', field: 'a', value: 1, multiple: 'some' }),
      withCondition({ op: 'eq', field: 'a', value: 1, invert: 'true' }),
    ],
    ...[
      withCondition({ op: 'matches', field: 'a', value: '(' }),
      withCondition({ op: 'matches', field: 'a', value: 5 }),
    ],
    ...[
      withCondition({ op: 'contains', field: 'a' }),
      withCondition({ op: 'contains', field: 'a', value: 'a'.repeat(1001) }),
    ],
    ...[
      withCondition({ op: 'contains', field: 'a', value: 'a{1000}'.repeat(20) }),
      withCondition({ op: 'in-net', field: 'a', value: {} }),
    ],
    ...[withCondition({ op: 'toString', field: 'a', value: 1 }), withCondition({ op: '__proto__', field: 'a' })],
    ...[
      { actions: [{ action: 'toString' }] },
      { actions: [JSON.parse('{"action":"fail","message":"m","__proto__":1}')] },
    ],
    ...[{ actions: [{ action: 'set-attribute', path: '/a' }] }, { actions: [{ action: 'set-attribute', value: 1 }] }],
    ...[
      { actions: [{ action: 'set-attribute', path: 5, value: 1 }] },
      { actions: [{ action: 'extend-attribute', path: 'a', value: null }] },
    ],
    ...[{ actions: [{ action: 'fail', message: null }] }, { actions: Array.from({ length: 1001 }, () => FAIL[0]) }],
    ...[
      { actions: FAIL, description: 5 },
      { actions: FAIL, description: 'x'.repeat(65_537) },
    ],
  ])('refused: %#', (body) => {
    expect(() => read(body)).toThrow(BadRule);
  });
  it('a thousand large patterns are refused at once', () => {
    const conditions = Array.from({ length: 1000 }, () => ({ op: 'matches', field: 'a', value: 'a{1000}'.repeat(9) }));
    const before = performance.now();
    expect(() => read({ actions: FAIL, conditions })).toThrow(/too large/);
    expect(performance.now() - before).toBeLessThan(15_000);
  });
});
