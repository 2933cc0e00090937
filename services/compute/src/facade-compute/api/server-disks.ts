import type { facadeCompute } from '@nefos/contracts';
import type { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';
import { isTrue } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import type { ServerInput } from '../domain/create-server.js';
import { demandFieldsOf } from './newer-fields.js';

type Body = z.infer<typeof facadeCompute.serverCreate>;
type Row = NonNullable<Body['block_device_mapping_v2']>[number];
type Disk = ServerInput['disks'][number];

const mapping = (message: string) => faceFault('invalid', `Block Device Mapping is Invalid: ${message}`);
/** Null, a negative one and none at all: nothing boots from it. */
const bootIndex = ({ boot_index: index }: Row): number => {
  const given = Number(index ?? -1);
  return given < 0 ? -1 : given;
};
const sizeOf = ({ volume_size: size }: Row): number | null =>
  size === null || size === undefined ? null : Number(size);
/** Where the disk is; what does not say it is a volume. */
const isLocal = ({ destination_type: destination }: Row): boolean => destination === 'local';

/** A row by itself. @throws Fault invalid */
const checkRow = (row: Row, hasImage: boolean): void => {
  const { source_type: source, uuid, volume_type: type } = row;
  if (source === undefined) throw mapping('source_type is missing.');
  if (source === 'blank' && uuid) throw mapping('Invalid device UUID.');
  if (source !== 'blank' && !uuid) throw mapping('Missing device UUID.');
  if (source === 'image' && isLocal(row) && !(hasImage && bootIndex(row) === 0))
    throw mapping('Mapping image to local is not supported.');
  if (type && isLocal(row)) throw mapping('Specifying a volume_type with destination_type=local is not supported.');
  if (type && source === 'volume') throw mapping('Specifying volume type to existing volume is not supported.');
  if (source === 'blank' && isLocal(row)) throw mapping('swap and ephemeral disks are those of the flavor.');
  if (source !== 'image' && isLocal(row)) throw mapping(`a ${source} is not on a local disk.`);
  if (sizeOf(row) !== null || isLocal(row)) return;
  if (source === 'image')
    throw faceFault('invalid', "Images with destination_type 'volume' need to have a non-zero size specified");
  if (source === 'blank')
    throw faceFault('invalid', "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size");
};
/** Disks to boot from are numbered from 0 on, without a gap. @throws Fault invalid */
const checkSequence = (rows: readonly Row[]): void => {
  const indexes = rows.map(bootIndex).filter((index) => index >= 0);
  if (!indexes.length || indexes.toSorted((a, b) => a - b).some((index, i) => index !== i))
    throw mapping('Boot sequence for the instance and image/block device mapping combination is not valid.');
};
/** Tags came with 2.32, were lost in 2.33 and are there again from 2.42 on. @throws Fault invalid */
const checkFields = (ctx: ComputeRequest, row: Row): void => {
  demandFieldsOf(ctx, row, { volume_type: 67, tag: [[32, 33], [42]] }, 'block_device_mapping_v2');
};

const rootOf = (root: Row | undefined, imageRef: string | null | undefined): ServerInput['boot'] => {
  const plain = { createNewVolume: false, deleteOnTermination: false, volumeType: null, volumeSizes: [] };
  if (!root || isLocal(root)) {
    const image = root?.uuid ?? imageRef;
    if (!image) throw faceFault('invalid', 'Missing imageRef attribute');
    return { ...plain, sourceType: 'image', sourceId: image };
  }
  const { source_type: source, uuid } = root;
  if (source === 'blank' || !uuid) throw mapping('the boot disk needs an image, a volume or a snapshot.');
  const kept = { deleteOnTermination: isTrue(root.delete_on_termination), tag: root.tag ?? null };
  if (source === 'volume') return { ...plain, ...kept, sourceType: 'volume', sourceId: uuid };
  const size = sizeOf(root);
  return {
    ...kept,
    sourceType: source === 'image' ? 'image' : 'volumesnapshot',
    sourceId: uuid,
    createNewVolume: source === 'image',
    volumeType: root.volume_type ?? null,
    volumeSizes: size === null ? [] : [size],
  };
};
/** `vdb` is `/dev/vdb`. */
const deviceOf = ({ device_name: name }: Row): string | null =>
  name === undefined || name === null ? null : name.startsWith('/dev/') ? name : `/dev/${name}`;
const furtherOf = (row: Row): Disk => {
  const { source_type: source, uuid = null } = row;
  return {
    volume: source === 'volume' ? uuid : null,
    source: source === 'image' ? { image: uuid } : source === 'snapshot' ? { snapshot: uuid } : {},
    sizeGb: source === 'volume' ? null : sizeOf(row),
    volumeType: row.volume_type ?? null,
    deleteOnTermination: isTrue(row.delete_on_termination),
    device: deviceOf(row),
    tag: row.tag ?? null,
  };
};
const ROOT_DEVICE = '/dev/vda';

/**
 * The disks of a server, as Nova reads them: the root disk is the one with `boot_index` 0, or the image.
 * @param count how many servers are asked for
 * @throws Fault invalid
 */
export const serverDisks = (
  ctx: ComputeRequest,
  { block_device_mapping_v2: given = [], imageRef }: Body,
  count: number,
): Pick<ServerInput, 'boot' | 'disks'> => {
  for (const row of given) checkFields(ctx, row);
  const rows = given.filter(({ no_device: none }) => !isTrue(none));
  for (const row of rows) checkRow(row, Boolean(imageRef));
  if (rows.length) checkSequence(rows);
  if (count > 1 && rows.some(({ source_type: source }) => source === 'volume'))
    throw faceFault('invalid', 'Cannot attach one or more volumes to multiple instances');
  const root = rows.find((row) => bootIndex(row) === 0);
  const further = rows.filter((row) => row !== root);
  if (imageRef && further.some((row) => deviceOf(row) === ROOT_DEVICE))
    throw faceFault('invalid', 'The volume cannot be assigned the same device name as the root device vda');
  return { boot: rootOf(root, imageRef), disks: further.map(furtherOf) };
};
