import { runHook } from '../../../../test/machine.js';
import type { JsonObject } from '../../../values.js';
import { extraHardware } from './extra-hardware.js';

const extraOf = (facts: unknown, strict = false): JsonObject => {
  const data = { data: facts } as JsonObject;
  runHook(extraHardware, data, undefined, { extraHardwareStrict: strict });
  return data;
};
it('facts of four become nested objects; numbers are numbers', () => {
  const facts = [
    ['disk', 'sda', 'size', '10'],
    ['disk', 'sda', 'model', 'x1'],
    ['disk', 'sdb', 'size', 7],
    ['cpu', 'all', 'load', '1.5'],
  ];
  expect(extraOf(facts)).toEqual({
    extra: { disk: { sda: { size: 10, model: 'x1' }, sdb: { size: 7 } }, cpu: { all: { load: '1.5' } } },
  });
});
it('short ones leave a part', () => {
  expect(extraOf([['bad'], ['a', 'b'], ['c', 'd', 'e'], []])).toEqual({
    extra: { bad: {}, a: { b: {} }, c: { d: {} } },
  });
});
it('where they have to be four, one that is not drops all', () => {
  expect(extraOf([['a', 'b', 'c', 'd'], ['bad']], true)).toEqual({});
});
it.each([null, 5, 'x', {}, []])('%j are no facts', (facts) => {
  expect(extraOf(facts)).toEqual({});
});
it('no name is special', () => {
  const { extra } = extraOf([
    ['__proto__', '__proto__', 'polluted', 'yes'],
    [null, 5, {}, 'x'],
  ]);
  expect(Object.keys(extra as object)).toEqual(['__proto__', 'null']);
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
});
