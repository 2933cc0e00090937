import { difference } from './difference.js';

it('names what was added, removed and replaced, by JSON pointers', () => {
  const before = { a: 1, list: [1, 2, { x: 'y' }], gone: { deep: true }, 'odd/~key': 1, same: [{}] };
  const after = { list: [1, 3, { x: 'z' }, 4], a: 1, 'odd/~key': null, new: [], same: [{}] };
  expect(difference(before, after, 100)).toEqual({
    truncated: false,
    changes: [
      { op: 'replace', path: '/list/1', before: 2, after: 3 },
      { op: 'replace', path: '/list/2/x', before: 'y', after: 'z' },
      { op: 'add', path: '/list/3', after: 4 },
      { op: 'remove', path: '/gone', before: { deep: true } },
      { op: 'replace', path: '/odd~1~0key', before: 1, after: null },
      { op: 'add', path: '/new', after: [] },
    ],
  });
});
it('a list is no object, and the whole may be replaced', () => {
  expect(difference([], {}, 10).changes).toEqual([{ op: 'replace', path: '', before: [], after: {} }]);
  expect(difference({ a: [1] }, { a: null }, 10).changes).toEqual([
    { op: 'replace', path: '/a', before: [1], after: null },
  ]);
});
it('nothing differs: no changes; keys such as __proto__ are keys', () => {
  const odd = JSON.parse('{"__proto__":1,"constructor":{"a":1}}');
  expect(difference(odd, structuredClone(odd), 10)).toEqual({ changes: [], truncated: false });
  expect(difference(odd, {}, 10).changes.map(({ path }) => path)).toEqual(['/__proto__', '/constructor']);
});
it('stops at its bound', () => {
  const { changes, truncated } = difference(
    Array.from({ length: 50 }, () => 1),
    Array.from({ length: 50 }, () => 2),
    10,
  );
  expect([changes.length, truncated]).toEqual([10, true]);
});
it('stops where paths become too long: one long name is written with every change below it', () => {
  const name = 'x'.repeat(300_000);
  const of = (value: number) => ({ [name]: Array.from({ length: 50 }, () => value) });
  const { changes, truncated } = difference(of(1), of(2), 1000);
  expect([changes.length, truncated]).toEqual([3, true]);
});
