import { runHook } from '../../../../test/machine.js';
import { Unusable } from '../hook.js';
import { ramdiskError } from './ramdisk-error.js';

it.each(['', null, 0, false, [], {}])('%p is no error', (error) => {
  expect(() => runHook(ramdiskError, { error })).not.toThrow();
});
it('no error is none', () => {
  expect(() => runHook(ramdiskError, {})).not.toThrow();
});
it.each([
  ['no disk', 'no disk'],
  [['a', 1], '["a",1]'],
  [5, '5'],
  ['a\0b\ud800', 'ab\ufffd'],
])('%p ends the run, and stands in the text', (error, text) => {
  expect(() => runHook(ramdiskError, { error })).toThrow(new Unusable(`Ramdisk reported error: ${text}`));
});
it('a long one is cut', () => {
  let found = '';
  try {
    runHook(ramdiskError, { error: 'x'.repeat(1_000_000) });
  } catch (err) {
    found = (err as Error).message;
  }
  expect(found).toHaveLength(4000);
});
