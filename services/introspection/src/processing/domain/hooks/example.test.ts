import { machineWith, report, runHook } from '../../../../test/machine.js';
import { example } from './example.js';

it('changes nothing', () => {
  const [data, machine] = [report(), machineWith()];
  runHook(example, data, machine);
  expect([data, machine]).toEqual([report(), machineWith()]);
});
