import { invalid, type Tx } from '@nefos/service-kit';
import { callerOf, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { askedBy } from '../../operations/domain/accept.js';
import { unsupported } from '../../operations/domain/faults.js';
import { demandOwner } from '../../owners/domain/new-owner.js';
import { shareLockOwner } from '../../owners/domain/owners.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import * as store from '../store/backups.js';
import type { VolumeBackup } from '../store/backups.js';
import { lockVolume, writeState, type Volume } from '../store/volumes.js';
import { beginOnVolume, demandStatus, demandUsable, demandVolumes } from './accept.js';
import { acceptCopy, deletionOf, demandCopyable, lockNamedVolume, type Asked, type NewWords } from './copies.js';
import { demandVolumeRegion, findSource, makeVolume } from './make.js';
import { onLocked, reach } from './reach.js';

export type { VolumeBackup } from '../store/backups.js';

/** Backups that the caller may see. @param acting the client that an end user names */
export const listBackups = (
  ctx: ComputeRequest,
  query: Query,
  acting: string | undefined,
): Promise<Page<VolumeBackup>> => store.listBackups(dbOf(ctx), query, visibleClients(callerOf(ctx), acting));
/** @throws Fault not_found */
export const getBackup = (ctx: ComputeRequest, id: string): Promise<VolumeBackup> => reach(ctx, id, store.findBackup);

export interface BackupInput extends NewWords {
  /** It holds what has changed since the newest backup of the volume. */
  incremental: boolean;
}
/**
 * Accepts a backup of a volume; a job makes it.
 * @throws Fault invalid, conflict/action.unsupported, conflict/region.no_snapshots, conflict/volume.status,
 * forbidden/create.quota, forbidden/client.suspended
 */
export const createBackup = async (
  ctx: ComputeRequest,
  { volume: volumeId, ...input }: BackupInput & { volume: string },
): Promise<{ backup: VolumeBackup; operationId: string }> => {
  const made = await dbOf(ctx).transaction(async (tx) => {
    const volume = await lockNamedVolume(ctx, tx, volumeId);
    return makeBackup(ctx, tx, volume, input, askedBy(ctx));
  });
  return { backup: await getBackup(ctx, made.id), operationId: made.operationId };
};
/**
 * The same in a transaction of the caller, whose volume is locked: for what makes backups by itself.
 * @throws as `createBackup`
 */
export const makeBackup = async (
  ctx: Pick<ComputeRequest, 'drivers'>,
  tx: Tx,
  volume: Volume,
  { name, description, metadata, incremental }: BackupInput,
  asked: Asked,
): Promise<{ id: string; operationId: string }> => {
  await demandCopyable(ctx, tx, volume, 'backup');
  const parent = incremental ? await store.lockNewestBackup(tx, volume.id) : undefined;
  if (incremental && !parent) throw invalidValue(['incremental'], 'volume.no_full_backup');
  const { backendId: volumeBackendId, bootable, osDistro } = volume;
  const own = { volumeBackendId, bootable, osDistro, parentId: parent?.id ?? null };
  const made = await acceptCopy(
    tx,
    volume,
    'backup',
    { name, description, ...(metadata && { metadata }), asked },
    (copy) => store.insertBackup(tx, { ...copy, ...own }),
  );
  await writeState(tx, volume.id, { status: 'backing-up', operationId: made.operationId });
  return made;
};

const FIND = { find: store.findBackup, lock: store.lockBackup };
/** @throws Fault not_found, forbidden/client.suspended */
export const changeBackup = async (
  ctx: ComputeRequest,
  id: string,
  changes: { name?: string | undefined; description?: string | null | undefined },
): Promise<VolumeBackup> => {
  await onLocked(ctx, id, FIND, (tx) => store.updateBackup(tx, id, withoutUndefined(changes)));
  return getBackup(ctx, id);
};
/**
 * Fills a volume from a backup: one that is there and available, or a new one.
 * @param input.volume null: a new one
 * @returns the volume and the operation on it
 * @throws Fault not_found, invalid, conflict/action.unsupported, conflict/volume.status, forbidden/create.quota,
 * forbidden/client.suspended
 */
export const restoreBackup = (
  ctx: ComputeRequest,
  id: string,
  input: { volume: string | null; name: string | null },
): Promise<{ volumeId: string; operationId: string }> =>
  onLocked(ctx, id, FIND, async (tx, backup) => {
    if (!demandVolumes(ctx, backup.regionId, 'restore').capabilities.has('backup')) throw unsupported('restore');
    demandStatus('backup', backup, ['available']);
    return input.volume === null
      ? restoreAnew(ctx, tx, backup, input.name ?? backup.name)
      : restoreInto(ctx, tx, backup, input.volume);
  });
const restoreAnew = async (
  ctx: ComputeRequest,
  tx: Tx,
  backup: VolumeBackup,
  name: string,
): Promise<{ volumeId: string; operationId: string }> => {
  const { clientId, regionId } = backup;
  await demandVolumeRegion(ctx, tx, regionId);
  const { projectId } = demandOwner(await shareLockOwner(tx, clientId), clientId);
  const owner = { clientId, projectId, staff: callerOf(ctx).staff };
  const source = await findSource(tx, { backup: backup.id }, regionId, owner);
  const { id, operationId } = await makeVolume(
    ctx,
    tx,
    { regionId, name, description: null, sizeGb: null, type: null, deleteProtection: false, source },
    owner,
    { asked: askedBy(ctx) },
  );
  return { volumeId: id, operationId };
};
const restoreInto = async (
  ctx: ComputeRequest,
  tx: Tx,
  backup: VolumeBackup,
  volumeId: string,
): Promise<{ volumeId: string; operationId: string }> => {
  const volume = await lockVolume(tx, volumeId);
  if (volume?.clientId !== backup.clientId || volume.regionId !== backup.regionId)
    throw invalid([unknownKey(['volume'], volumeId)]);
  demandUsable(volume, ['available', 'error']);
  if (volume.sizeGb < backup.sizeGb) throw invalidValue(['volume'], 'volume.small', { least: backup.sizeGb });
  const operationId = await beginOnVolume(tx, volume, {
    action: 'volume.restore',
    params: { backup: backup.id },
    ...askedBy(ctx),
  });
  await store.writeBackup(tx, backup.id, { status: 'restoring', operationId });
  return { volumeId, operationId };
};

const deletion = deletionOf('backup', FIND, async (tx, { id }) => {
  if (await store.hasChildren(tx, id)) throw refusal('conflict', 'volume.has_children');
});
/** @throws Fault not_found, conflict/volume.status, conflict/volume.has_children, conflict/volume.in_use_as_source */
export const deleteBackup = deletion.byCaller;
/** For staff. @throws Fault not_found, conflict/volume.status */
export const resetBackup = deletion.reset;
/** @throws as `deleteBackup` */
export const deleteBackupByPortal = deletion.byPortal;
