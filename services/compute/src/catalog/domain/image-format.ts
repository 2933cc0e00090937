import { refusal } from '../../refusals.js';

/** Bytes of the beginning that are looked at. */
export const HEAD_BYTES = 64 * 1024;
/** What the first bytes of an image tell. */
export interface Looked {
  /** The format by its signature; '' where nothing is known by one. */
  found: string;
  /** Bytes of the disk; null: not known. */
  virtualSize: number | null;
  /** It needs another file: whoever opens it would read that one, whatever file it names. */
  refersElsewhere: boolean;
}

const QCOW2_EXTERNAL_DATA = 1n << 2n;
const size = (bytes: bigint): number =>
  Number(bytes > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : bytes);
/** QEMU's docs/interop/qcow2. A header that is cut off is taken for unsafe. */
const qcow2 = (head: Buffer): Looked => {
  const version = head.length >= 8 ? head.readUInt32BE(4) : 0;
  if (head.length < (version >= 3 ? 80 : 72)) return { found: 'qcow2', virtualSize: null, refersElsewhere: true };
  const backing = head.readBigUInt64BE(8) !== 0n;
  const external = version >= 3 && (head.readBigUInt64BE(72) & QCOW2_EXTERNAL_DATA) !== 0n;
  return { found: 'qcow2', virtualSize: size(head.readBigUInt64BE(24)), refersElsewhere: backing || external };
};
const SECTOR = 512;
/** Sparse files with their descriptor inside; only those of one file refer to no other. */
const vmdk = (head: Buffer): Looked => {
  if (head.length < SECTOR) return { found: 'vmdk', virtualSize: null, refersElsewhere: true };
  const [sectors, at, length] = [12, 28, 36].map((offset) => size(head.readBigUInt64LE(offset)));
  const from = (at as number) * SECTOR;
  const descriptor = head.subarray(from, from + (length as number) * SECTOR).toString('latin1');
  const kind = /createType="([A-Za-z0-9]{1,40})"/.exec(descriptor)?.[1];
  // QEMU reads the descriptor at its own place, takes the first of several types, and a parent's name from it.
  const whole =
    at === 1 &&
    (sectors as number) > 0 &&
    descriptor.split('createType').length === 2 &&
    !head.subarray(SECTOR, 21 * SECTOR).includes('parentFileNameHint') &&
    (kind === 'monolithicSparse' || kind === 'streamOptimized');
  return { found: 'vmdk', virtualSize: (sectors as number) * SECTOR, refersElsewhere: !whole };
};
const plain = (found: string): Looked => ({ found, virtualSize: null, refersElsewhere: false });
const startsWith = (head: Buffer, text: string, at = 0): boolean =>
  head.subarray(at, at + text.length).toString('latin1') === text;

/** What the beginning of an image tells. */
export const lookAt = (head: Buffer): Looked => {
  if (startsWith(head, 'QFI\xfb')) return qcow2(head);
  if (startsWith(head, 'KDMV')) return vmdk(head);
  if (startsWith(head, '# Disk DescriptorFile')) return { found: 'vmdk', virtualSize: null, refersElsewhere: true };
  if (startsWith(head, 'vhdxfile')) return plain('vhdx');
  if (startsWith(head, 'conectix')) return plain('vhd');
  if (head.length >= 68 && head.readUInt32LE(64) === 0xbeda107f) return plain('vdi');
  if (startsWith(head, 'WithoutFreeSpace') || startsWith(head, 'WithouFreSpacExt')) return plain('ploop');
  if (startsWith(head, 'CD001', 32_769)) return plain('iso');
  return plain('');
};

/** Formats whose data must have its signature. An ISO image may be written to a disk as it is: it is also `raw`. */
const SIGNED = new Set(['qcow2', 'vmdk', 'vhdx', 'vdi', 'ploop', 'iso']);
/**
 * Refuses data that is in another format than it is said to be, or that would have a hypervisor read other files.
 * @throws Fault invalid/image.empty, image.format, image.unsafe
 */
export const checkFormat = (format: string, head: Buffer): Looked => {
  if (!head.length) throw refusal('invalid', 'image.empty');
  const looked = lookAt(head);
  const { found } = looked;
  const fits = SIGNED.has(format) ? found === format : found === '' || found === format || found === 'iso';
  if (!fits) throw refusal('invalid', 'image.format', { format, found });
  if (looked.refersElsewhere) throw refusal('invalid', 'image.unsafe');
  return looked;
};
