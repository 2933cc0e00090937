import { maxMembersOf, PRACTICALLY_INFINITE } from './applications.js';

it.each([
  [undefined, PRACTICALLY_INFINITE],
  ['inf', PRACTICALLY_INFINITE],
  ['infinite', PRACTICALLY_INFINITE],
  [5, 5n],
  ['5', 5n],
  ['2K', 2048n],
  ['3M', 3n * 1024n ** 2n],
  [PRACTICALLY_INFINITE, PRACTICALLY_INFINITE],
] as const)('%s members are %s', (input, expected) => {
  expect(maxMembersOf(input)).toBe(expected);
});
it.each([-1, 1.5, '5k', '-5', '', '9P9', 2n ** 63n, '9999999P'])('%s members are refused', (input) => {
  expect(() => maxMembersOf(input)).toThrow('project.field');
});
