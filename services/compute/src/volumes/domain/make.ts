import { randomUUID } from 'node:crypto';
import { invalid, type Tx } from '@nefos/service-kit';
import { findImage, findRegion, mayUseImage, type Image } from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import type { Actor } from '../../operations/domain/accept.js';
import type { VolumeAction } from '../../ports/driver-volumes.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { invalidValue, unknownKey } from '../../refusals.js';
import { UUID } from '../../lists/uuid.js';
import { lockBackup } from '../store/backups.js';
import { lockSnapshot } from '../store/snapshots.js';
import { findType, findTypeNamed } from '../store/types.js';
import { findVolume, insertVolume, lockVolume, type Volume } from '../store/volumes.js';
import type { Labels } from '../tables.js';
import { demandStatus, demandUsable, demandVolumes, recordStorage, type StorageParams } from './accept.js';

/** What a new volume is filled with, by its id. */
export interface SourceIds {
  image?: string | null | undefined;
  snapshot?: string | null | undefined;
  volume?: string | null | undefined;
  backup?: string | null | undefined;
}
/** What a new volume is made of, and what that says of it. */
export interface Source {
  needs: VolumeAction | null;
  /** GB that it has at least; 0: any. */
  least: number;
  bootable: boolean;
  columns: Partial<
    Pick<
      Volume,
      'imageId' | 'imageName' | 'osDistro' | 'sourceSnapshotId' | 'sourceVolumeId' | 'sourceBackupId' | 'typeId'
    >
  >;
  params: Omit<StorageParams, 'volume'>;
}
const BLANK: Source = { needs: null, least: 0, bootable: false, columns: {}, params: {} };
const GIB = 1024 ** 3;
/** Whose volume it is to be. */
export interface VolumeOwner {
  clientId: number;
  projectId: string;
  staff: boolean;
}
type Path = readonly (string | number)[];

/** GB of a disk that holds the image. */
export const leastFor = ({ minDisk, virtualSize }: Pick<Image, 'minDisk' | 'virtualSize'>): number =>
  Math.max(minDisk, Math.ceil(Number(virtualSize ?? 0) / GIB), 1);
export const ofImage = (image: Image): Source => ({
  needs: 'image',
  least: leastFor(image),
  bootable: true,
  columns: { imageId: image.id, imageName: image.name, osDistro: image.osDistro },
  params: { image: image.id },
});
const ofVolume = (volume: Volume): Pick<Source, 'bootable' | 'columns'> => ({
  bootable: volume.bootable,
  columns: { imageId: volume.imageId, imageName: volume.imageName, osDistro: volume.osDistro, typeId: volume.typeId },
});
const fromImage = async (
  tx: Tx,
  id: string,
  regionId: string,
  { projectId, staff }: VolumeOwner,
  path: Path,
): Promise<Source> => {
  const image = await findImage(tx, id);
  if (image?.regionId !== regionId) throw invalid([unknownKey(path, id)]);
  if (!(await mayUseImage(tx, image, projectId)))
    throw staff ? invalidValue(path, 'create.image_foreign') : invalid([unknownKey(path, id)]);
  if (image.status !== 'active') throw invalidValue(path, 'create.image_inactive', { id });
  if (image.type === 'iso' || image.diskFormat === 'iso') throw invalidValue(path, 'image.iso');
  return ofImage(image);
};
/** A snapshot to make a volume of. It stays until this transaction ends. @throws Fault invalid */
export const fromSnapshot = async (
  tx: Tx,
  id: string,
  regionId: string,
  { clientId }: VolumeOwner,
  path: Path,
): Promise<Source> => {
  const found = await lockSnapshot(tx, id);
  if (found?.regionId !== regionId || found.clientId !== clientId) throw invalid([unknownKey(path, id)]);
  if (found.status !== 'available') throw invalidValue(path, 'volume.snapshot_not_available', { status: found.status });
  const of = await findVolume(tx, found.volumeId);
  if (!of) throw invalid([unknownKey(path, id)]);
  const { bootable, columns } = ofVolume(of);
  return {
    needs: 'snapshot',
    least: found.sizeGb,
    bootable,
    columns: { ...columns, sourceSnapshotId: id },
    params: { snapshot: id },
  };
};
/** A volume to clone, locked. @throws Fault invalid, conflict/volume.status */
export const fromVolume = async (
  tx: Tx,
  id: string,
  regionId: string,
  { clientId }: VolumeOwner,
  path: Path,
): Promise<Source> => {
  const found = await lockVolume(tx, id);
  if (found?.regionId !== regionId || found.clientId !== clientId) throw invalid([unknownKey(path, id)]);
  demandUsable(found, ['available', 'in-use']);
  const { bootable, columns } = ofVolume(found);
  return {
    needs: 'clone',
    least: found.sizeGb,
    bootable,
    columns: { ...columns, sourceVolumeId: id },
    params: { source_volume: id },
  };
};
const fromBackup = async (
  tx: Tx,
  id: string,
  regionId: string,
  { clientId }: VolumeOwner,
  path: Path,
): Promise<Source> => {
  const found = await lockBackup(tx, id);
  if (found?.regionId !== regionId || found.clientId !== clientId) throw invalid([unknownKey(path, id)]);
  demandStatus('backup', found, ['available']);
  return {
    needs: 'backup',
    least: found.sizeGb,
    bootable: found.bootable,
    columns: { osDistro: found.osDistro, sourceBackupId: id },
    params: { backup: id },
  };
};
/**
 * What is asked for, found and locked.
 * @param at where the request names it
 * @throws Fault invalid, conflict/volume.status
 */
export const findSource = async (
  tx: Tx,
  { image, snapshot, volume, backup }: SourceIds,
  regionId: string,
  owner: VolumeOwner,
  at: Path = [],
): Promise<Source> => {
  const given = [image, snapshot, volume, backup].filter((one) => one !== undefined && one !== null);
  if (given.length > 1) throw invalidValue([], 'volume.one_source');
  if (image) return fromImage(tx, image, regionId, owner, [...at, 'image']);
  if (snapshot) return fromSnapshot(tx, snapshot, regionId, owner, [...at, 'snapshot']);
  if (volume) return fromVolume(tx, volume, regionId, owner, [...at, 'volume']);
  if (backup) return fromBackup(tx, backup, regionId, owner, [...at, 'backup']);
  return BLANK;
};

/**
 * Refuses a region without volumes.
 * @throws Fault conflict/action.unsupported, invalid
 */
export const demandVolumeRegion = async (ctx: Pick<ComputeCtx, 'drivers'>, tx: Tx, regionId: string): Promise<void> => {
  const region = await findRegion(tx, regionId);
  if (!region) throw invalid([unknownKey(['region'], regionId)]);
  if (!region.enabled) throw invalidValue(['region'], 'create.region_disabled');
  demandVolumes(ctx, regionId, 'volumes');
  if (!region.enableVolumes) throw invalidValue(['region'], 'volume.region');
};
/** A type by its name or id; empty: the default. @throws Fault invalid */
export const typeFor = async (
  tx: Tx,
  word: string | null | undefined,
  regionId: string,
  { staff }: Pick<VolumeOwner, 'staff'>,
  path: Path,
): Promise<string | null> => {
  if (word === undefined || word === null || word === '') return null;
  const type = (await findTypeNamed(tx, regionId, word)) ?? (UUID.test(word) ? await findType(tx, word) : undefined);
  if (type?.regionId !== regionId || !(type.isPublic || staff)) throw invalid([unknownKey(path, word)]);
  return type.id;
};

export interface VolumeSpecInput {
  regionId: string;
  name: string;
  description: string | null;
  /** Null: as large as its source needs. */
  sizeGb: number | null;
  type: string | null | undefined;
  deleteProtection: boolean;
  source: Source;
  metadata?: Labels;
}
/**
 * Writes a new volume with its operation and job: quota, type and size are checked.
 * @param paths where size, source and type stand in the request
 * @throws Fault invalid, forbidden/create.quota, forbidden/project.disabled
 */
export const makeVolume = async (
  ctx: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  input: VolumeSpecInput,
  owner: VolumeOwner,
  {
    asked,
    paths = { size: ['size'], source: [], type: ['volume_type'] },
  }: { asked: { by: Actor; requestId: string | null }; paths?: { size: Path; source: Path; type: Path } },
): Promise<{ id: string; operationId: string; sizeGb: number }> => {
  const { source, regionId } = input;
  const { capabilities } = demandVolumes(ctx, regionId, 'volumes');
  if (source.needs !== null && !capabilities.has(source.needs))
    throw invalidValue(paths.source, 'volume.source_unsupported');
  const sizeGb = input.sizeGb ?? source.least;
  if (sizeGb === 0) throw invalidValue(paths.size, 'volume.size_needed');
  if (sizeGb < source.least) throw invalidValue(paths.size, 'volume.small', { least: source.least });
  const typeId = (await typeFor(tx, input.type, regionId, owner, paths.type)) ?? source.columns.typeId ?? null;
  await reserveQuota(tx, owner.projectId, { volumes: 1, gigabytes: sizeGb });
  const id = randomUUID();
  const operationId = randomUUID();
  await insertVolume(tx, {
    ...source.columns,
    id,
    clientId: owner.clientId,
    projectId: owner.projectId,
    regionId,
    typeId,
    name: input.name,
    description: input.description,
    sizeGb,
    status: 'creating',
    bootable: source.bootable,
    deleteProtection: input.deleteProtection,
    ...(input.metadata && { metadata: input.metadata }),
    operationId,
  });
  await recordStorage(tx, operationId, {
    action: 'volume.create',
    clientId: owner.clientId,
    previousState: 'creating',
    params: { ...source.params, volume: id, size: sizeGb, name: input.name },
    ...asked,
  });
  return { id, operationId, sizeGb };
};
