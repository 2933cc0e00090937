import { parseExactly } from '../../json-text.js';
import { Unusable } from '../../processing/domain/hook.js';
import type { Json, JsonObject } from '../../values.js';
import { Budget } from './budget.js';
import { holds } from './conditions.js';
import type { Condition } from './rule.js';

/** Whether a condition in JSON holds for data in JSON: both keep the spelling of their numbers. */
const judged = (op: string, field: string, value: string): boolean =>
  holds(
    {
      ...(parseExactly(`{"op":"${op}","value":${value}}`) as never as Condition),
      field: 'x',
      multiple: 'any',
      invert: false,
    },
    { data: parseExactly(`{"x":${field}}`) as JsonObject, node: {} },
  );
describe('comparisons (contract introspection §8.2)', () => {
  it.each([
    ['2048', 'eq', '2048', true],
    ['2048', 'eq', '"2048"', false],
    ['2048', 'eq', '2048.0', true],
    ['2048.7', 'eq', '2048', true],
    ['2048.7', 'eq', '2048.0', false],
    ['2048.7', 'ne', '2048.0', true],
    ['-2.7', 'eq', '-2', true],
    ['" 12 "', 'eq', '12', true],
    ['"12.5"', 'eq', '12.5', true],
    ['"1e3"', 'eq', '1000.0', true],
    ['true', 'eq', '1', true],
    ['1', 'eq', 'true', true],
    ['2', 'eq', 'true', false],
    ['true', 'ge', '1.0', true],
    ['"inf"', 'gt', '1.5', true],
    ['"nan"', 'eq', '1.5', false],
    ['"nan"', 'ne', '1.5', true],
    ['"nan"', 'lt', '1.5', false],
    ['9007199254740993', 'eq', '9007199254740992', false],
    ['"9007199254740993"', 'eq', '9007199254740993', true],
    ['9007199254740993', 'gt', '9007199254740992', true],
    ['"b"', 'gt', '"a"', true],
    ['"10"', 'lt', '"9"', true],
    ['"a"', 'le', '"a"', true],
    ['[1,"a"]', 'eq', '[1.0,"a"]', true],
    ['{"a":1,"b":[true]}', 'eq', '{"b":[1],"a":1}', true],
    ['{"a":1}', 'eq', '{"b":1}', false],
    ['null', 'eq', '"None"', false],
    ['null', 'ne', '"x"', true],
    ['"192.168.0.9"', 'in-net', '"192.168.0.0/255.255.0.0"', true],
    ['"fd00::1%eth0"', 'in-net', '"fd00::/8"', true],
    ['"fd00::1/64"', 'in-net', '"fd00::/8"', true],
    ['null', 'in-net', '"10.0.0.0/8"', false],
    ['2048.0', 'matches', '"2048\\\\.0"', true],
    ['2048', 'matches', '"2048"', true],
    ['true', 'matches', '"True"', true],
    ['null', 'matches', '"None"', true],
    ['["sse2","vmx"]', 'contains', '"\'vmx\'"', true],
    ['"a\\nb"', 'matches', '"a.b"', false],
    ['"serial-77"', 'matches', '"(?P<kind>[a-z]+)-\\\\d+"', true],
    ['"SERIAL"', 'contains', '"(?i)serial"', true],
    ['2048.0', 'is-empty', 'null', false],
    ['0', 'is-empty', 'null', false],
    ['false', 'is-empty', 'null', false],
    ['""', 'is-empty', 'null', true],
    ['{}', 'is-empty', 'null', true],
  ])('%s %s %s: %p', (field, op, value, expected) => {
    expect(judged(op, field, value)).toBe(expected);
  });
  it.each([
    ['"x"', 'eq', '1'],
    ['"12.5"', 'eq', '12'],
    ['""', 'eq', '1.5'],
    ['"0x10"', 'eq', '16'],
    ['null', 'gt', '1'],
    ['[]', 'eq', '1'],
    ['{}', 'lt', '1.5'],
    ['1e400', 'eq', '5'],
    ['"inf"', 'eq', '5'],
    ['5', 'lt', '"a"'],
    ['null', 'lt', '"a"'],
    ['[1]', 'lt', '[2]'],
    ['"x"', 'in-net', '"10.0.0.0/8"'],
    ['5', 'in-net', '"10.0.0.0/8"'],
  ])('%s %s %s ends the run', (field, op, value) => {
    expect(() => judged(op, field, value)).toThrow(Unusable);
  });
});
describe('what would take too long ends the run', () => {
  const wide = Array.from({ length: 1000 }, (_one, i) => ({ a: Array.from({ length: 50 }, (_two, k) => ({ i, k })) }));
  const deep = ((): Json => {
    let value: Json = [];
    for (let i = 0; i < 90; i += 1) value = [value, value];
    return value;
  })();
  const long = 'a'.repeat(1_000_000);
  const condition = (field: string, op = 'is-empty', value?: string): Condition => ({
    op,
    field,
    multiple: 'all',
    invert: true,
    ...(value !== undefined && { value }),
  });
  it.each([
    ['paths', condition('$..*..*..*..*')],
    ['paths that fork', condition('deep..*')],
    ['alternatives', condition(`$..(${Array.from({ length: 90 }, () => '*').join('|')})..*`)],
    ['patterns', condition('long', 'contains', '(?:a?){900}b')],
    ['patterns over much', condition('$..long', 'contains', '(.*a){20}b')],
  ])('%s', (_what, one) => {
    const before = performance.now();
    // The same tree again and again: what is walked grows with its depth, what is stored does not.
    const data = { wide, deep, long, more: Array.from({ length: 90 }, () => ({ long })) } as JsonObject;
    expect(() => holds(one, { data, node: {} }, new Budget())).toThrow(/too long/);
    expect(performance.now() - before).toBeLessThan(15_000);
  });
  it('one budget is for all rules of a run', () => {
    const budget = new Budget(1000);
    const one = condition('$..*');
    const data = { a: { b: 1 } };
    expect(() => {
      for (let i = 0; i < 1000; i += 1) holds(one, { data, node: {} }, budget);
    }).toThrow(/too long/);
  });
});
