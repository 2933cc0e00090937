import type { Json } from '../../values.js';
import { Unusable } from './hook.js';
import { readHints } from './root-device-hints.js';

const GIB = 2 ** 30;
const disk = {
  ...{ name: '/dev/sda', model: 'Fast  Disk 9', vendor: 'ACME', serial: 's3rial', size: 20 * GIB, rotational: true },
  ...{ wwn: '0x1', wwn_with_extension: '0x12', wwn_vendor_extension: '0x2', hctl: '1:0:0:0', by_path: '/dev/by/x' },
};
const meets = (hints: object): boolean => readHints(hints as Json)(disk);

describe('root device hints (contract introspection §7.3)', () => {
  it.each([
    [{ size: 20 }, true],
    [{ size: '20' }, true],
    [{ size: 19 }, false],
    [{ size: '== 20' }, true],
    [{ size: '!= 20' }, false],
    [{ size: '>= 20' }, true],
    [{ size: '<= 19' }, false],
    [{ size: '> 19' }, true],
    [{ size: '< 20' }, false],
    [{ size: '= 15' }, true],
    [{ size: '= 21' }, false],
    [{ size: '<or> 10 <or> 20' }, true],
    [{ size: '<or> 10 <or> 30' }, false],
    [{ rotational: true }, true],
    [{ rotational: 'yes' }, true],
    [{ rotational: '0' }, false],
    [{ model: 'fast disk 9' }, true],
    [{ model: 'fast disk' }, false],
    [{ model: 's== FAST DISK 9' }, true],
    [{ model: 's!= fast disk 9' }, false],
    [{ serial: 's>= s3' }, true],
    [{ serial: 's< s3' }, false],
    [{ serial: 's> s4' }, false],
    [{ serial: 's<= s4' }, true],
    [{ model: '<in> disk' }, true],
    [{ model: '<in> slow' }, false],
    [{ model: '<all-in> fast <all-in> 9' }, true],
    [{ model: '<all-in> fast <all-in> 8' }, false],
    [{ vendor: '<or> other <or> acme' }, true],
    [{ name: '/dev/sda' }, true],
    [{ wwn: '0x1', wwn_with_extension: '0x12', wwn_vendor_extension: '0x2' }, true],
    [{ hctl: '1:0:0:0', by_path: '/dev/by/x' }, true],
    [{ size: 20, model: 'other' }, false],
  ])('%j: %p', (hints, expected) => {
    expect(meets(hints)).toBe(expected);
  });
  it('sizes compare exactly', () => {
    expect(readHints({ size: 20 })({ size: 20 * GIB + 1 })).toBe(false);
  });
  it.each([{}, { serial: null }, { serial: 5 }])('a disk without the text does not meet it: %j', (one) => {
    expect(readHints({ serial: 'x' })(one)).toBe(false);
  });
  it.each([
    null,
    [],
    'x',
    { color: 'x' },
    { size: 0 },
    { size: -1 },
    { size: 1.5 },
    { size: 'x' },
    { size: '' },
    { size: true },
    { size: [] },
    { size: '<or> x' },
    { rotational: 'maybe' },
    { rotational: {} },
    { model: null },
    { model: [] },
    { model: {} },
    JSON.parse('{"__proto__":1}'),
    { toString: 'x' },
  ])('refused: %j', (hints) => {
    expect(() => readHints(hints as Json)).toThrow(Unusable);
  });
});
