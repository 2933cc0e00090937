import { notFound, type Tx } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Permission } from '../../access/domain/permissions.js';
import type { Image } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import { askedBy, type Actor } from '../../operations/domain/accept.js';
import { demandSupported, locked } from '../../operations/domain/faults.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { lockState, type InstanceState } from '../../operations/domain/read-state.js';
import type { VmState } from '../../operations/instance-states.js';
import type { VolumeDriver } from '../../ports/driver-volumes.js';
import { invalidValue, refusal } from '../../refusals.js';
import {
  acceptAttach,
  acceptDetach,
  changeTermination,
  fromSnapshot,
  fromVolume,
  leastFor,
  lockRoot,
  makeVolume,
  ofImage,
  reserveDisk,
  type Source,
  type VolumeOwner,
  type WantedAttachment,
} from '../../volumes/domain/for-instances.js';
import { findReachable } from './instances.js';

const ATTACHES: readonly VmState[] = [
  'active',
  'paused',
  'stopped',
  'resized',
  'soft-delete',
  'shelved',
  'shelved_offloaded',
];
/** Locks an instance to which a volume comes or from which one goes, in the contract's order of refusals. */
const lockForVolume = async (
  ctx: ComputeRequest,
  tx: Tx,
  { id, clientId }: InstanceState,
  word: string,
): Promise<InstanceState> => {
  const { staff } = callerOf(ctx);
  await refuseHeld(tx, { clientId, instanceId: id }, { staff, wakes: false });
  const state = await lockState(tx, id, clientId);
  if (!state) throw notFound();
  if (state.lockedBy && !staff) throw locked(id);
  if (!ATTACHES.includes(state.vmState))
    throw refusal('conflict', 'instance.state', { id, word, state: state.vmState });
  if (state.taskState !== null) throw refusal('conflict', 'instance.busy', { id, word, state: state.taskState });
  return state;
};
const request = async (
  ctx: ComputeRequest,
  id: string,
  { permission, segment, word }: { permission: Permission; segment: string; word: string },
  accept: (tx: Tx, state: InstanceState) => Promise<string>,
): Promise<string> => {
  const found = await findReachable(ctx, id, permission);
  demandSupported(ctx, found.regionId, 'attach_volume', segment);
  return dbOf(ctx).transaction(async (tx) => accept(tx, await lockForVolume(ctx, tx, found, word)));
};
/**
 * Accepts that an instance gets a volume.
 * @returns id of the operation
 * @throws Fault not_found, forbidden, conflict/action.unsupported, forbidden/client.suspended,
 * conflict/instance.locked, conflict/instance.state, conflict/instance.busy, invalid, conflict/volume.status,
 * conflict/volume.too_many
 */
export const requestAttach = (ctx: ComputeRequest, id: string, wanted: WantedAttachment): Promise<string> =>
  request(
    ctx,
    id,
    { permission: 'instances.attach-volume', segment: 'attach-volume', word: 'attach_volume' },
    (tx, { clientId, regionId }) => acceptAttach(ctx, tx, { instanceId: id, clientId, regionId }, wanted, askedBy(ctx)),
  );
/** Accepts that an instance gives a volume back. @returns id of the operation @throws Fault as `requestAttach` */
export const requestDetach = (ctx: ComputeRequest, id: string, volume: string): Promise<string> =>
  request(
    ctx,
    id,
    { permission: 'instances.detach_volume', segment: 'detach_volume', word: 'detach_volume' },
    (tx, { clientId }) => acceptDetach(tx, { instanceId: id, clientId }, volume, askedBy(ctx)),
  );
/** Says whether a volume goes with its instance. @throws Fault as `requestAttach` */
export const changeAttachment = async (
  ctx: ComputeRequest,
  id: string,
  volume: string,
  { deleteOnTermination }: { deleteOnTermination: boolean },
): Promise<void> => {
  const found = await findReachable(ctx, id, 'instances.attach-volume');
  await dbOf(ctx).transaction(async (tx) => {
    await lockForVolume(ctx, tx, found, 'attach_volume');
    await changeTermination(tx, id, volume, deleteOnTermination);
  });
};

/** What a create says of the root disk (contract compute §6.1). */
export interface BootInput {
  sourceType: 'image' | 'volume' | 'volumesnapshot' | 'iso';
  sourceId: string;
  createNewVolume: boolean;
  deleteOnTermination: boolean;
  volumeType: string | null;
  /** GB; given in two places, both. */
  volumeSizes: readonly number[];
  /** Of a disk that is a volume. */
  tag?: string | null;
}
const PATH = ['boot_source', 'source_id'] as const;
const makesVolume = ({ sourceType, createNewVolume }: BootInput): boolean =>
  createNewVolume || sourceType === 'volumesnapshot';
/** Whether the root disk is a volume. */
export const bootsVolume = (boot: BootInput): boolean => makesVolume(boot) || boot.sourceType === 'volume';
/**
 * Checks that the region can boot from that, and that what is said of a new volume is for one.
 * @throws Fault invalid
 */
export const checkBoot = (
  boot: BootInput,
  { enableVolumes }: { enableVolumes: boolean },
  volumes: VolumeDriver | undefined,
): void => {
  const { sourceType, createNewVolume, volumeType, volumeSizes } = boot;
  if (sourceType === 'iso' || (sourceType !== 'image' && !volumes))
    throw invalidValue(['boot_source', 'source_type'], 'create.boot_source');
  if (createNewVolume && !volumes) throw invalidValue(['boot_source', 'create_new_volume'], 'create.volumes');
  if (bootsVolume(boot) && !volumes?.capabilities.has('boot'))
    throw invalidValue(['boot_source', createNewVolume ? 'create_new_volume' : 'source_type'], 'create.boot_volume');
  if (bootsVolume(boot) && !enableVolumes) throw invalidValue(['region'], 'volume.region');
  if (new Set(volumeSizes).size > 1) throw invalidValue(['volume_size'], 'volume.sizes_differ');
  if (makesVolume(boot)) return;
  if (volumeSizes.length) throw invalidValue(['boot_source', 'volume_size'], 'volume.new_only');
  if (volumeType) throw invalidValue(['boot_source', 'volume_type'], 'volume.new_only');
};

/** The root disk of a new instance: a volume that is there, or the source of one to be made. */
export type Root =
  { kind: 'volume'; id: string; imageName: string | null; osDistro: string | null } | { kind: 'new'; source: Source };
/**
 * Finds and locks what the root disk is made of; null: it is no volume.
 * @param image of the source, when that is one
 * @throws Fault invalid, conflict/volume.status
 */
export const findRoot = async (
  tx: Tx,
  boot: BootInput,
  { regionId, image, owner }: { regionId: string; image: Image | null; owner: VolumeOwner },
): Promise<Root | null> => {
  if (!bootsVolume(boot)) return null;
  if (image) return { kind: 'new', source: ofImage(image) };
  if (boot.sourceType === 'volumesnapshot') {
    const source = await fromSnapshot(tx, boot.sourceId, regionId, owner, PATH);
    if (!source.bootable) throw invalidValue(PATH, 'volume.not_bootable');
    return { kind: 'new', source };
  }
  if (boot.createNewVolume) {
    const source = await fromVolume(tx, boot.sourceId, regionId, owner, PATH);
    if (!source.bootable) throw invalidValue(PATH, 'volume.not_bootable');
    return { kind: 'new', source };
  }
  const { id, imageName, osDistro } = await lockRoot(tx, boot.sourceId, {
    regionId,
    clientId: owner.clientId,
    path: PATH,
  });
  return { kind: 'volume', id, imageName, osDistro };
};
/** What an instance keeps of the system on its root disk. */
export const systemOn = (root: Root): { imageName: string | null; osDistro: string | null } =>
  root.kind === 'volume'
    ? { imageName: root.imageName, osDistro: root.osDistro }
    : { imageName: root.source.columns.imageName ?? null, osDistro: root.source.columns.osDistro ?? null };
/**
 * Gives the instance, whose row is written, its root disk; a new volume is accepted with it.
 * @throws Fault invalid, forbidden/create.quota
 */
export const giveRoot = async (
  ctx: ComputeRequest,
  tx: Tx,
  root: Root,
  {
    instanceId,
    name,
    regionId,
    boot,
    owner,
    image,
    flavorGb,
    asked,
  }: {
    instanceId: string;
    name: string;
    regionId: string;
    boot: BootInput;
    owner: VolumeOwner;
    image: Image | null;
    flavorGb: number;
    asked: { by: Actor; requestId: string | null };
  },
): Promise<void> => {
  const { deleteOnTermination, volumeType, tag = null } = boot;
  const disk = { deleteOnTermination, tag, boot: true };
  if (root.kind === 'volume') return reserveDisk(tx, root.id, instanceId, { ...disk, made: false });
  // Of an image: as large as the flavor's disk, or as the image needs.
  const fallback = image ? Math.max(flavorGb, leastFor(image)) : null;
  const made = await makeVolume(
    ctx,
    tx,
    {
      regionId,
      name: `${name.slice(0, 250)} root`,
      description: null,
      sizeGb: boot.volumeSizes[0] ?? fallback,
      type: volumeType,
      deleteProtection: false,
      source: root.source,
    },
    owner,
    {
      asked,
      paths: {
        size: ['boot_source', 'volume_size'],
        source: ['boot_source', 'source_type'],
        type: ['boot_source', 'volume_type'],
      },
    },
  );
  return reserveDisk(tx, made.id, instanceId, { ...disk, made: true });
};
