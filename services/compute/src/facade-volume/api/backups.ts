import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { isTrue, type FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { inOne } from '../../facade/domain/in-one.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { changeBackup, createBackup, deleteBackup, resetBackup, restoreBackup } from '../../volumes/domain/backups.js';
import { changeBackupMetadata } from '../../volumes/domain/labels.js';
import { backupList, nameable, rowOf, type BackupRow } from '../domain/pages.js';
import { inCinderWords } from '../domain/cinder-words.js';
import { COPY_FILTERS, COPY_PARTS, demandReset } from './snapshots.js';
import type { FilterSet } from './filters.js';
import { listBody } from './lists.js';
import { demandKeys } from './metadata.js';
import { demandKnown, demandSince, refuseAbsent } from './refuse.js';
import { backupView, shortBackup } from './views.js';
import { volumeRow } from './volumes.js';

const endpoint = endpointFor<ComputeCtx>();
const of = <T>(id: string, work: () => Promise<T>): Promise<T> => named(work, `Backup ${id} could not be found.`);
const rowOfBackup = (ctx: ComputeRequest, id: string): Promise<BackupRow> =>
  of(id, () => rowOf<BackupRow>(ctx, backupList, id, nameable(ctx)));
const shown = async (ctx: ComputeRequest, id: string) => ({ backup: backupView(ctx, await rowOfBackup(ctx, id)) });
const listed = (ctx: ComputeRequest, input: { req: Request; query: FaceQuery }, whole: boolean) =>
  listBody<BackupRow>(ctx, input, {
    spec: backupList,
    filters: BACKUP_FILTERS,
    nameSince: 37,
    key: 'backups',
    word: 'Backup',
    path: `/volume/v3/backups${whole ? '/detail' : ''}`,
    view: (row) => (whole ? backupView(ctx, row) : shortBackup(ctx, row)),
  });
/** Fields that came later. */
const LATER = { metadata: 43, availability_zone: 51 };
export const BACKUP_FILTERS: FilterSet = {
  all: COPY_FILTERS,
  open: ['name', 'status', 'volume_id'],
  parts: COPY_PARTS,
};

export const backupEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.detailBackups, (ctx, input) => listed(ctx, input, true)),
  endpoint(facadeVolume.listBackups, (ctx, input) => listed(ctx, input, false)),
  endpoint(facadeVolume.showBackup, (ctx, { params }) => shown(ctx, params.id)),
  endpoint(facadeVolume.createBackup, async (ctx, { body: { backup: b } }) => {
    demandKnown(ctx, b, LATER);
    if (b.snapshot_id) refuseAbsent('a backup is made of a volume: make a volume of the snapshot.');
    if (b.container) refuseAbsent('backups are in no container of yours.');
    const { status, regionId } = await volumeRow(ctx, b.volume_id);
    if (b.availability_zone && b.availability_zone !== regionId)
      refuseAbsent(`a backup is in the zone of its volume: ${regionId}.`);
    if (status === 'in-use' && !isTrue(b.force))
      throw faceFault('invalid', 'Invalid volume: Backing up an in-use volume must use the force flag.');
    const { backup } = await inCinderWords(() =>
      createBackup(ctx, {
        volume: b.volume_id,
        name: b.name ?? '',
        description: b.description ?? null,
        incremental: isTrue(b.incremental),
        metadata: demandKeys(b.metadata ?? {}),
      }),
    );
    return shown(ctx, backup.id);
  }),
  endpoint(facadeVolume.updateBackup, async (ctx, { params: { id }, body: { backup: b } }) => {
    demandSince(ctx, 9);
    demandKnown(ctx, b, LATER);
    const { name, description, metadata } = b;
    await of(id, () =>
      inOne(ctx, async (one) => {
        await changeBackup(one, id, { name: name ?? undefined, description });
        if (metadata) await changeBackupMetadata(one, id, () => demandKeys(metadata));
      }),
    );
    return { backup: shortBackup(ctx, await rowOfBackup(ctx, id)) };
  }),
  endpoint(facadeVolume.deleteBackup, async (ctx, { params: { id } }) => {
    await of(id, () => deleteBackup(ctx, id));
  }),
  endpoint(facadeVolume.restoreBackup, async (ctx, { params: { id }, body: { restore } }) => {
    await rowOfBackup(ctx, id);
    const volume = restore?.volume_id || null;
    if (volume !== null) await volumeRow(ctx, volume);
    const { volumeId } = await of(id, () =>
      inCinderWords(() => restoreBackup(ctx, id, { volume, name: restore?.name ?? null })),
    );
    return { restore: { backup_id: id, volume_id: volumeId, volume_name: (await volumeRow(ctx, volumeId)).name } };
  }),
  endpoint(facadeVolume.actOnBackup, async (ctx, { params: { id }, body }) => {
    demandAdmin(ctx);
    const reset = body['os-reset_status'];
    if (reset) {
      const status = demandReset(reset.status);
      await of(id, () => resetBackup(ctx, id, status));
    } else if (Object.hasOwn(body, 'os-force_delete')) await of(id, () => deleteBackup(ctx, id));
    else throw faceFault('invalid', 'Malformed request body: it has to have one action.');
  }),
];
