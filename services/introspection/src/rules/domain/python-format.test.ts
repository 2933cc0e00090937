import { parseExactly } from '../../json-text.js';
import type { JsonObject } from '../../values.js';
import { FormatError, formatText, formatValue } from './python-format.js';
import { pythonRepr } from './python-text.js';

const data = parseExactly(`{
  "cpus": 4, "f": 12.7, "big": 12345678901234567890, "w": 2048.0, "yes": true, "nil": null, "s": "x86_64", "neg": -5,
  "small": 1e-7, "huge": 1e22, "l": [1, "a", null, true, 1.5], "o": { "k": "it's" }, "0000:82:00.0": "pci",
  "odd": "\u00e9\\u200b\\u0000\\"'", "half": "\\ud800", "{x}": "braces", "__proto__": { "y": 1 }
}`) as JsonObject;
/** As Python 3 makes them. */
it.each([
  [
    '{data[cpus]} {data[f]} {data[w]} {data[big]} {data[huge]} {data[small]}',
    '4 12.7 2048.0 12345678901234567890 1e+22 1e-07',
  ],
  ['{data[yes]} {data[nil]} {data[s]} {data[s]!r} {data[s]!s}', "True None x86_64 'x86_64' x86_64"],
  ['{data[l]} {data[o]}', `[1, 'a', None, True, 1.5] {'k': "it's"}`],
  ['{data[l][0]}{data[l][1]}{data[o][k]}', "1ait's"],
  ['{data[0000:82:00.0]}', 'pci'],
  ['{data[{x}]}', 'braces'],
  ['{data[__proto__][y]}', '1'],
  ['{{x}} {{{data[cpus]}}}', '{x} {4}'],
  ['{data[odd]!r}', `'é\\u200b\\x00"\\''`],
  ['{data[odd]!a}', `'\\xe9\\u200b\\x00"\\''`],
  ['{data[half]!r}', "'\\ud800'"],
  ['{data[cpus]:08d}|{data[cpus]:+d}|{data[cpus]: d}|{data[neg]:=+8}', '00000004|+4| 4|-      5'],
  [
    '{data[cpus]:x}|{data[cpus]:#06x}|{data[cpus]:#b}|{data[cpus]:o}|{data[big]:X}',
    '4|0x0004|0b100|4|AB54A98CEB1F0AD2',
  ],
  [
    '{data[f]:.1f}|{data[f]:.0f}|{data[f]:e}|{data[f]:G}|{data[f]:.3g}|{data[f]:%}|{data[f]:.2}',
    '12.7|13|1.270000e+01|12.7|12.7|1270.000000%|1.3e+01',
  ],
  ['{data[big]:,}|{data[w]:_}|{data[w]:.1f}|{data[cpus]:f}', '12,345,678,901,234,567,890|2_048.0|2048.0|4.000000'],
  [
    '{data[yes]:d}|{data[yes]:>4}|{data[s]:>8}|{data[s]:*^10}|{data[s]:<8}|{data[s]:.3}',
    '1|   1|  x86_64|**x86_64**|x86_64  |x86',
  ],
  ['{data[s]!r:>10}|{data[s]:010}', "  'x86_64'|x86_640000"],
])('%s', (text, expected) => {
  expect(formatText(text, { data })).toBe(expected);
});
it.each([
  ...['{data[absent]}', '{', '}', 'a}b', '{x}', '{}', '{0}', '{data', '{data[s', '{data]}', '{data[s]x}', '{data[]}'],
  ...[
    '{data[l][9]}',
    '{data[l][-1]}',
    '{data[l][x]}',
    '{data[cpus]:q}',
    '{data[cpus]!z}',
    '{data[s]:d}',
    '{data[f]:d}',
  ],
  ...['{data[nil]:5}', '{data[l]:>5}', '{data[s]:=5}', '{data[s]:+}', '{data[cpus]:.2}', '{data[f]:.999f}'],
  ...[
    '{data.__class__}',
    '{data[s].upper}',
    '{data[constructor]}',
    '{data[o][toString]}',
    '{data.__init__.__globals__}',
  ],
  ...[
    '{data[cpus]:999999999d}',
    '{data[cpus]:1e9}',
    '{data[s]:{data[cpus]}}',
    '{data[cpus]!constructor}',
    '{data[cpus]:constructor}',
  ],
])('%s can not be made', (text) => {
  expect(() => formatText(text, { data })).toThrow(FormatError);
});
it('the key that is missing is named', () => {
  expect(() => formatText('{data[o][absent_thing]}', { data })).toThrow(/absent_thing/);
});
it('keys and values at any depth; what is no text stays as it is', () => {
  expect(formatValue({ '{data[s]}': ['{data[cpus]}', 7, null, true, { a: '{{' }] }, { data })).toEqual({
    x86_64: ['4', 7, null, true, { a: '{' }],
  });
});
it('no more than a megabyte is made, and at once', () => {
  const before = performance.now();
  expect(() => formatText('{data[cpus]:99999d}'.repeat(50_000), { data })).toThrow(/too long/);
  expect(() =>
    formatValue(
      Array.from({ length: 50_000 }, () => '{data[cpus]:99999d}'),
      { data },
    ),
  ).toThrow(/too long/);
  expect(() => formatText('{data[s'.repeat(100_000), { data })).toThrow(FormatError);
  expect(() => formatText('{['.repeat(300_000), { data })).toThrow(FormatError);
  expect(performance.now() - before).toBeLessThan(15_000);
});
it('the form of large and of deep values ends somewhere', () => {
  let deep: JsonObject = {};
  for (let i = 0; i < 5000; i += 1) deep = { a: deep };
  expect(pythonRepr(deep)).toContain('...');
  expect(pythonRepr(Array.from({ length: 1_000_000 }, () => 'abc'))).toHaveLength(1_000_000);
});
