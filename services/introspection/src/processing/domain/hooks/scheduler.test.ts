import { machineWith, report, runHook } from '../../../../test/machine.js';
import { scheduler } from './scheduler.js';

it('data are numbers, properties text', () => {
  const data = report();
  const machine = machineWith();
  expect(runHook(scheduler, data, machine)).toEqual([]);
  expect(data).toMatchObject({ cpus: 4, cpu_arch: 'x86_64', memory_mb: 12288 });
  expect(machine.node.properties).toEqual({ cpus: '4', cpu_arch: 'x86_64', memory_mb: '12288' });
});
it.each([
  [{}, []],
  [{ inventory: null }, []],
  [{ inventory: { cpu: 'x', memory: [] } }, []],
  [{ inventory: { cpu: { count: '8', architecture: 5 }, memory: { physical_mb: 'x' } } }, ['cpus']],
  [{ inventory: { cpu: { count: -1, architecture: '' }, memory: { physical_mb: 1e30 } } }, []],
  [{ inventory: { cpu: { count: true, architecture: 'arm\0' }, memory: { physical_mb: Infinity } } }, []],
  [{ inventory: { cpu: { architecture: 'x'.repeat(5000) }, memory: { physical_mb: 512 } } }, ['memory_mb']],
])('what is malformed is skipped: %#', (data, expected) => {
  const machine = machineWith();
  const skipped = runHook(scheduler, data, machine);
  expect(Object.keys(machine.node.properties)).toEqual(expected);
  expect(skipped).toHaveLength(3 - expected.length);
});
it('values that are there stay where nothing is replaced', () => {
  const machine = machineWith({ cpus: '1' });
  runHook(scheduler, report(), machine, { overwriteExisting: false });
  expect(machine.node.properties).toMatchObject({ cpus: '1', memory_mb: '12288' });
});
