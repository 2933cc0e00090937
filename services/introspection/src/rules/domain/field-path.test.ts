import type { Json } from '../../values.js';
import { findByPath, parsePath } from './field-path.js';

const value: Json = {
  a: { b: 1, c: [{ d: 2 }, { d: 3, e: [4, 5] }] },
  l: [[1], 2],
  b: 7,
  'x y': 5,
  n: null,
  e: { f: { d: 9 } },
};
const found = (text: string, from: Json = value): Json[] | undefined => {
  const path = parsePath(text);
  return path && findByPath(path, from, () => undefined);
};
/** As jsonpath-rw 1.4 finds. */
it.each<[string, Json[]]>([
  ['a.b', [1]],
  [' a . b ', [1]],
  ['$', [value]],
  ['$.a.b', [1]],
  ['a[b]', [1]],
  ["a['b']", [1]],
  ['"x y"', [5]],
  ["'x y'", [5]],
  ['a,b', [(value as { a: Json }).a, 7]],
  ['a.c[*].d', [2, 3]],
  ['a.c.[0]', [{ d: 2 }]],
  ['a.c[-1].e', [[4, 5]]],
  ['a.c[0:1]', [{ d: 2 }]],
  ['a.c[1:].d', [3]],
  ['l[*][*]', [1, 2]],
  ['b[*]', [7]],
  ['l[5]', []],
  ['*.f', [{ d: 9 }]],
  ['a.c.*', []],
  ['a..d', [2, 3]],
  ['$..d', [2, 3, 9]],
  ['..d', [2, 3, 9]],
  ['a..e[*]', [4, 5]],
  ['(a|e)..d', [2, 3, 9]],
  ['a.b|c', [1, [{ d: 2 }, { d: 3, e: [4, 5] }]]],
  ['a.c[0].d | a.c[1].d', []],
  ['n', [null]],
  ['n.x', []],
  ['b.c', []],
  ['toString', []],
  ['__proto__', []],
  ['constructor.name', []],
])('%s', (text, expected) => {
  expect(found(text)).toEqual(expected);
});
it.each([
  '',
  ' ',
  'a[[',
  'a.',
  '.',
  '.a',
  'a b',
  'a[',
  'a]',
  '[',
  '|',
  'a |',
  'a..',
  '()',
  '(a',
  'a[*',
  "'a",
  'a,',
  '\0',
  'a[x:1]',
])('%j is no path', (text) => {
  expect(parsePath(text)).toBeUndefined();
});
it('own keys of any name', () => {
  expect(found('__proto__.x', JSON.parse('{"__proto__":{"x":1}}') as Json)).toEqual([1]);
});
it.each(['('.repeat(1000), '['.repeat(1000), 'a.'.repeat(500), '*|'.repeat(500), "'".repeat(1001), '..'.repeat(300)])(
  'long ones are judged at once: %#',
  (text) => {
    expect(parsePath(text)).toBeUndefined();
  },
);
