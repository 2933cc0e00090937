import { checkFormat, lookAt } from './image-format.js';

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'accepted';
  } catch (err) {
    return (err as { code: string }).code;
  }
};
const at = (size: number, ...marks: (readonly [offset: number, text: string])[]): Buffer => {
  const head = Buffer.alloc(size);
  for (const [offset, text] of marks) head.write(text, offset, 'latin1');
  return head;
};
const qcow2 = (version: number, size = 4096): Buffer => {
  const head = at(size, [0, 'QFI\xfb']);
  if (size >= 8) head.writeUInt32BE(version, 4);
  if (size >= 32) head.writeBigUInt64BE(5n * 2n ** 30n, 24);
  return head;
};
const vmdk = (descriptor: string, { where = 1n } = {}): Buffer => {
  const head = at(4096, [0, 'KDMV'], [512, descriptor]);
  head.writeBigUInt64LE(2048n, 12);
  head.writeBigUInt64LE(where, 28);
  head.writeBigUInt64LE(1n, 36);
  return head;
};

describe('the format of an image, by its beginning', () => {
  it.each([
    ['qcow2', qcow2(2), 'qcow2'],
    ['qcow2', qcow2(3), 'qcow2'],
    ['vmdk', vmdk('createType="streamOptimized"'), 'vmdk'],
    ['vmdk', vmdk('createType="monolithicSparse"'), 'vmdk'],
    ['vhdx', at(64, [0, 'vhdxfile']), 'vhdx'],
    ['vhd', at(64, [0, 'conectix']), 'vhd'],
    ['vhd', at(64), ''],
    ['iso', at(65_536, [32_769, 'CD001']), 'iso'],
    ['raw', at(65_536, [32_769, 'CD001']), 'iso'],
    ['raw', at(512, [510, '\x55\xaa']), ''],
    ['raw', at(1), ''],
    ['ami', at(512), ''],
  ] as const)('%s is accepted', (format, head, found) => {
    expect(checkFormat(format, head).found).toBe(found);
  });
  it.each([
    ['raw', at(0), 'image.empty'],
    ['qcow2', at(512), 'image.format'],
    ['raw', qcow2(3), 'image.format'],
    ['raw', at(64, [0, 'vhdxfile']), 'image.format'],
    ['raw', at(64, [0, '# Disk DescriptorFile']), 'image.format'],
    ['iso', at(32_770), 'image.format'],
    ['qcow2', qcow2(3, 79), 'image.unsafe'],
    ['qcow2', qcow2(2, 71), 'image.unsafe'],
    ['qcow2', qcow2(3, 5), 'image.unsafe'],
    ['vmdk', at(64, [0, '# Disk DescriptorFile']), 'image.unsafe'],
    ['vmdk', vmdk('createType="monolithicFlat"'), 'image.unsafe'],
    ['vmdk', vmdk('no type'), 'image.unsafe'],
    // The one that counts is where the header says, and beyond the beginning it can not be judged.
    ['vmdk', vmdk('createType="monolithicSparse"', { where: 2n }), 'image.unsafe'],
    ['vmdk', vmdk('createType="monolithicSparse"', { where: 2n ** 63n }), 'image.unsafe'],
    ['vmdk', at(20, [0, 'KDMV']), 'image.unsafe'],
  ] as const)('%s is refused: %#', (format, head, code) => {
    expect(codeOf(() => checkFormat(format, head))).toBe(code);
  });
  it('says how large the disk is, and never more than can be counted', () => {
    expect(lookAt(qcow2(3)).virtualSize).toBe(5 * 2 ** 30);
    const endless = qcow2(3);
    endless.writeBigUInt64BE(2n ** 64n - 1n, 24);
    expect(lookAt(endless).virtualSize).toBe(Number.MAX_SAFE_INTEGER);
    expect(lookAt(vmdk('createType="streamOptimized"')).virtualSize).toBe(1024 * 1024);
  });
});
