import { ByteBudget } from './byte-budget.js';

const refused = expect.objectContaining({ kind: 'unavailable', code: 'report.busy' }) as Error;

it('one sender has a quarter; what it gives back counts no more', () => {
  const budget = new ByteBudget(100);
  budget.take('a', 20);
  expect(() => budget.take('a', 6)).toThrow(refused);
  budget.take('a', 5);
  budget.take('b', 25);
  budget.give('a', 20);
  budget.take('a', 20);
});
it('all together have no more than there is', () => {
  const budget = new ByteBudget(100);
  for (const sender of 'abcd') budget.take(sender, 25);
  expect(() => budget.take('e', 1)).toThrow(refused);
  budget.give('b', 25);
  budget.take('e', 25);
});
