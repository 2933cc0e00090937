import { randomUUID } from 'node:crypto';
import { enqueue, ensureJob, Fault, type Tx } from '@nefos/service-kit';
import { listRegionIds } from '../../catalog/domain/parts.js';
import type { ComputeCtx } from '../../ctx.js';
import { withoutJob } from '../../operations/domain/accept.js';
import { claimOthers, jobOf as otherJob } from '../../operations/domain/others.js';
import type { VolumeDriver } from '../../ports/driver-volumes.js';
import { findAttachmentOf, listUnsettled } from '../store/attachments.js';
import { lockBackup, writeBackup } from '../store/backups.js';
import { lockSnapshot, writeSnapshot } from '../store/snapshots.js';
import { findGone, listDoomed, listLost, lockVolume, writeState } from '../store/volumes.js';
import type { StorageAction, VolumeStatus } from '../volume-states.js';
import { SETTLE, settleKey } from './end.js';
import { jobOf, recordStorage, restingStatus, SYSTEM, type StorageParams } from './accept.js';
import { deleteBackupByPortal } from './backups.js';
import { deleteSnapshotByPortal } from './snapshots.js';
import { deleteByPortal } from './volumes.js';

const BATCH = 200;
const LOST = { code: 'internal', message: 'The operation was lost.' };

/** Status of a volume whose operation is lost: the driver may have been anywhere. */
const AFTER_LOSS: Partial<Record<VolumeStatus, VolumeStatus>> = {
  creating: 'error',
  maintenance: 'error',
  'restoring-backup': 'error',
  deleting: 'error_deleting',
  extending: 'error_extending',
};
const endLostVolume = async (tx: Tx, id: string): Promise<void> => {
  const volume = await lockVolume(tx, id);
  if (!volume) return;
  const attachment = await findAttachmentOf(tx, id);
  if (volume.status === 'attaching' || volume.status === 'detaching') {
    if (!attachment) return writeState(tx, id, { status: 'available' });
    // Whether the machine has it is not known: it is taken back.
    const operationId = randomUUID();
    await recordStorage(tx, operationId, {
      action: 'volume.detach',
      instanceId: attachment.instanceId,
      clientId: volume.clientId,
      previousState: volume.status,
      params: { volume: id, attachment: attachment.id },
      ...SYSTEM,
    });
    return writeState(tx, id, { status: 'detaching', operationId });
  }
  const status = AFTER_LOSS[volume.status];
  await writeState(tx, id, status ? { status, fault: LOST } : { status: restingStatus(attachment) });
};
const endLost = (tx: Tx, { kind, id }: { kind: 'volume' | 'snapshot' | 'backup'; id: string }): Promise<void> =>
  kind === 'volume'
    ? endLostVolume(tx, id)
    : kind === 'snapshot'
      ? lockSnapshot(tx, id).then((one) =>
          writeSnapshot(
            tx,
            id,
            one?.status === 'restoring' ? { status: 'available' } : { status: 'error', fault: LOST },
          ),
        )
      : lockBackup(tx, id).then((one) =>
          writeBackup(tx, id, one?.status === 'restoring' ? { status: 'available' } : { status: 'error', fault: LOST }),
        );
/** Instances whose job `volume.settle` was lost get it again. @returns how many */
const settleAgain = async (ctx: ComputeCtx, state: 'reserved' | 'attached'): Promise<number> => {
  const unsettled = await listUnsettled(ctx.db, state, BATCH);
  for (const instance of unsettled)
    await ctx.db.transaction((tx) => ensureJob(tx, SETTLE, { instance }, { key: settleKey(instance) }));
  return unsettled.length;
};
/**
 * Gives operations whose check is due their job again, ends what no operation carries out, and has volumes of
 * instances that were built settled.
 */
export const sweepStuckVolumes = async (
  ctx: ComputeCtx,
): Promise<{ due: number; requeued: number; lost: number; unsettled: number }> => {
  const due = await claimOthers(ctx.db, BATCH);
  const requeued = await withoutJob(ctx.db, due);
  for (const { id, instanceId, action, params } of requeued) {
    const { volume } = params as unknown as StorageParams;
    const job = jobOf(action as unknown as StorageAction, { volume, instance: instanceId });
    await ctx.db.transaction((tx) => enqueue(tx, ...otherJob({ ...job, operationId: id })));
  }
  const lost = await listLost(ctx.db, BATCH);
  for (const one of lost) await ctx.db.transaction((tx) => endLost(tx, one));
  const unsettled = await settleAgain(ctx, 'reserved');
  if (requeued.length || lost.length)
    ctx.log.warn(
      { requeued: requeued.length, lost: lost.length },
      'operations on volumes without a job were continued or ended',
    );
  return { due: due.length, requeued: requeued.length, lost: lost.length, unsettled };
};

const DELETES = { volume: deleteByPortal, snapshot: deleteSnapshotByPortal, backup: deleteBackupByPortal };
/** Deletes what is to go with its client, as far as nothing needs it. @returns how many */
export const sweepDoomed = async (ctx: ComputeCtx): Promise<number> => {
  const doomed = await listDoomed(ctx.db, BATCH);
  for (const { kind, id } of doomed)
    await ctx.db
      .transaction((tx) => DELETES[kind](tx, id))
      .catch((err: unknown) => {
        // Something needs it now: the next round asks again.
        if (!(err instanceof Fault)) throw err;
      });
  return doomed.length;
};

const PAGE = 500;
const destroyGone = async (ctx: ComputeCtx, volumes: VolumeDriver): Promise<number> => {
  let destroyed = 0;
  for (let after: string | null = null; ;) {
    const refs = await volumes.list({ after, limit: PAGE });
    const gone = await findGone(
      ctx.db,
      refs.map(({ portalId }) => portalId),
    );
    for (const ref of refs)
      if (gone.has(ref.portalId)) {
        await volumes.destroy(ref);
        destroyed += 1;
      }
    after = refs.at(-1)?.portalId ?? null;
    if (refs.length < PAGE) return destroyed;
  }
};
/**
 * Destroys what a driver has still of volumes that are gone here. What the portal has never heard of is left alone: a
 * database may have been put back, or be a copy on trial. Volumes that a deleted instance seems to have are released.
 * @throws the failure of the first region whose volumes could not be read, when all others are
 */
export const sweepOrphanVolumes = async (ctx: ComputeCtx): Promise<{ destroyed: number }> => {
  let destroyed = 0;
  await settleAgain(ctx, 'attached');
  const failures: unknown[] = [];
  for (const region of await listRegionIds(ctx.db))
    try {
      const { volumes } = ctx.drivers.of(region);
      if (volumes) destroyed += await destroyGone(ctx, volumes);
    } catch (err) {
      ctx.log.warn({ err, region }, 'the volumes of a region could not be compared');
      failures.push(err);
    }
  if (destroyed) ctx.log.warn({ destroyed }, 'volumes that are gone here were destroyed at their hypervisor');
  if (failures.length) throw failures[0];
  return { destroyed };
};
