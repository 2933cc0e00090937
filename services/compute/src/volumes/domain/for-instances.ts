import { randomUUID } from 'node:crypto';
import { invalid, type Queryable, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { Actor } from '../../operations/domain/accept.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import {
  insertAttachment,
  listAttachmentsOf,
  markForDeletion,
  updateAttachment,
  type VolumeAttachment,
} from '../store/attachments.js';
import { countOfClient, doomOfClient, lockVolume, writeState, type Volume } from '../store/volumes.js';
import { beginOnVolume, demandUsable, demandVolumes, statusInUse } from './accept.js';
import { SWEEP_DOOMED } from './doomed.js';
import { enqueue } from '@nefos/service-kit';

// Volumes as the areas after this one need them: what an instance is built with, has, and leaves behind.

export { listAttachmentsOf, type VolumeAttachment } from '../store/attachments.js';
export { lockVolume, type Volume } from '../store/volumes.js';
export {
  demandVolumeRegion,
  findSource,
  fromSnapshot,
  fromVolume,
  leastFor,
  makeVolume,
  ofImage,
  type Source,
  type SourceIds,
  type VolumeOwner,
} from './make.js';
export { makeBackup, type BackupInput } from './backups.js';
export { makeSnapshot } from './snapshots.js';

const MAX_PER_INSTANCE = 25;
type Asked = { by: Actor; requestId: string | null };

/** A disk of an instance that is about to be built. */
export interface ReservedDisk {
  /** The volume is being made for the instance. */
  made: boolean;
  /** It is the root disk. */
  boot: boolean;
  deleteOnTermination: boolean;
  device?: string | null;
  tag?: string | null;
  /** Disks of one instance are in the order of these ids. */
  attachmentId?: string;
}
/** Keeps a volume for an instance that is about to be built: it is in use when the machine is there. */
export const reserveDisk = async (
  tx: Tx,
  volumeId: string,
  instanceId: string,
  { made, boot, deleteOnTermination, device = null, tag = null, attachmentId = randomUUID() }: ReservedDisk,
): Promise<void> => {
  await insertAttachment(tx, {
    id: attachmentId,
    volumeId,
    instanceId,
    boot,
    deleteOnTermination,
    device,
    tag,
    state: 'reserved',
  });
  if (!made) await writeState(tx, volumeId, { status: 'reserved' });
};
/** @throws Fault conflict/volume.too_many */
export const demandRoom = (volumes: number): void => {
  if (volumes > MAX_PER_INSTANCE) throw refusal('conflict', 'volume.too_many', { max: MAX_PER_INSTANCE });
};
const DEVICE = /^\/dev\/[a-z]{2,8}[a-z0-9]{0,4}$/;
/**
 * Names of disks of one instance.
 * @param at where the request has the i-th
 * @throws Fault invalid
 */
export const checkDevices = (devices: readonly (string | null)[], at: (i: number) => readonly PropertyKey[]): void => {
  for (const [i, device] of devices.entries()) {
    if (device === null) continue;
    if (!DEVICE.test(device)) throw invalidValue(at(i), 'volume.device');
    if (devices.indexOf(device) !== i) throw invalidValue(at(i), 'volume.device_taken');
  }
};
/**
 * An existing volume that an instance is to be built with, locked.
 * @throws Fault invalid
 */
export const lockDisk = async (
  tx: Tx,
  id: string,
  { regionId, clientId, path }: { regionId: string; clientId: number; path: readonly PropertyKey[] },
): Promise<Volume> => {
  const volume = await lockVolume(tx, id);
  if (volume?.regionId !== regionId || volume.clientId !== clientId) throw invalid([unknownKey(path, id)]);
  const status = statusInUse(volume);
  if (status !== 'available')
    throw invalidValue(path, 'volume.status', { what: 'volume', id, wanted: 'available', status });
  return volume;
};
/**
 * An existing volume to boot from, locked.
 * @throws Fault invalid
 */
export const lockRoot = async (
  tx: Tx,
  id: string,
  { regionId, clientId, path }: { regionId: string; clientId: number; path: readonly string[] },
): Promise<Volume> => {
  const volume = await lockVolume(tx, id);
  if (volume?.regionId !== regionId || volume.clientId !== clientId) throw invalid([unknownKey(path, id)]);
  if (!volume.bootable) throw invalidValue(path, 'volume.not_bootable');
  const status = statusInUse(volume);
  if (status !== 'available') throw invalidValue(path, 'volume.not_available', { status });
  return volume;
};

/** A volume that an instance is to get. */
export interface WantedAttachment {
  volume: string;
  device: string | null;
  deleteOnTermination: boolean;
  tag?: string | null;
}
/** What is attached where; the instance is locked. */
interface Place {
  instanceId: string;
  clientId: number;
  regionId: string;
}
/**
 * Accepts that an instance gets a volume.
 * @returns id of the operation
 * @throws Fault invalid, conflict/volume.status, conflict/volume.too_many, conflict/action.unsupported
 */
export const acceptAttach = async (
  ctx: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  { instanceId, clientId, regionId }: Place,
  wanted: WantedAttachment,
  asked: Asked,
): Promise<string> => {
  const volume = await lockVolume(tx, wanted.volume);
  if (volume?.clientId !== clientId || volume.regionId !== regionId)
    throw invalid([unknownKey(['volume'], wanted.volume)]);
  demandUsable(volume, ['available']);
  const others = await listAttachmentsOf(tx, instanceId);
  if (wanted.device !== null && !DEVICE.test(wanted.device)) throw invalidValue(['device'], 'volume.device');
  if (wanted.device !== null && others.some(({ device }) => device === wanted.device))
    throw invalidValue(['device'], 'volume.device_taken');
  demandVolumes(ctx, regionId, 'attach-volume');
  const attachment = randomUUID();
  const operationId = await beginOnVolume(tx, volume, {
    action: 'volume.attach',
    instanceId,
    params: { attachment },
    ...asked,
  });
  demandRoom(others.length + 1);
  await insertAttachment(tx, {
    id: attachment,
    volumeId: volume.id,
    instanceId,
    device: wanted.device,
    tag: wanted.tag ?? null,
    deleteOnTermination: wanted.deleteOnTermination,
    state: 'attaching',
  });
  return operationId;
};
/**
 * Accepts that an instance gives a volume back.
 * @returns id of the operation
 * @throws Fault invalid, conflict/volume.status
 */
export const acceptDetach = async (
  tx: Tx,
  { instanceId, clientId }: Omit<Place, 'regionId'>,
  volumeId: string,
  asked: Asked,
): Promise<string> => {
  const volume = await lockVolume(tx, volumeId);
  if (volume?.clientId !== clientId) throw invalid([unknownKey(['volume'], volumeId)]);
  const attachment = (await listAttachmentsOf(tx, instanceId)).find((one) => one.volumeId === volumeId);
  if (!attachment) throw invalidValue(['volume'], 'volume.not_attached');
  if (attachment.boot) throw invalidValue(['volume'], 'volume.root');
  const operationId = await beginOnVolume(tx, volume, {
    action: 'volume.detach',
    instanceId,
    params: { attachment: attachment.id },
    ...asked,
  });
  await updateAttachment(tx, attachment.id, { state: 'detaching' });
  return operationId;
};
/** Whether a volume goes with the instance, which is locked. @throws Fault invalid: it is not attached there */
export const changeTermination = async (
  tx: Tx,
  instanceId: string,
  volumeId: string,
  deleteOnTermination: boolean,
): Promise<void> => {
  const attachment = (await listAttachmentsOf(tx, instanceId)).find((one) => one.volumeId === volumeId);
  if (!attachment) throw invalidValue(['volume'], 'volume.not_attached');
  await updateAttachment(tx, attachment.id, { deleteOnTermination });
};
/** All volumes that the instance has go with it. @throws Fault conflict/volume.protected: one of them must not */
export const deleteVolumesWith = async (tx: Tx, instanceId: string): Promise<void> => {
  for (const { volumeId } of await listAttachmentsOf(tx, instanceId))
    if ((await lockVolume(tx, volumeId))?.deleteProtection) throw refusal('conflict', 'volume.protected');
  await markForDeletion(tx, instanceId);
};
/** Whether its root disk is a volume. */
export const isVolumeBacked = async (q: Queryable, instanceId: string): Promise<boolean> =>
  (await listAttachmentsOf(q, instanceId)).some((one: VolumeAttachment) => one.boot);

/** Volumes, snapshots and backups of the client that are there. */
export const countStorageOfClient = (q: Queryable, clientId: number): Promise<number> => countOfClient(q, clientId);
/** All of them go, protected ones too, each as soon as nothing needs it. */
export const deleteStorageOfClient = async (tx: Tx, clientId: number): Promise<void> => {
  await doomOfClient(tx, clientId);
  await enqueue(tx, SWEEP_DOOMED, {}, { key: SWEEP_DOOMED });
};
