import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint, type Reply } from '@nefos/service-kit';
import { actingOf } from '../../access/api/acting.js';
import { viewerOf } from '../../access/api/viewer.js';
import { camelKeys } from '../../camel-keys.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import { accepted } from '../../operations/api/accepted.js';
import { changeBackup, createBackup, deleteBackup, getBackup, listBackups, restoreBackup } from '../domain/backups.js';
import { changeSnapshot, createSnapshot, deleteSnapshot, getSnapshot, listSnapshots } from '../domain/snapshots.js';
import { changeType, createType, getType, listTypes, removeType } from '../domain/types.js';
import {
  changeVolume,
  createVolume,
  deleteVolume,
  extendVolume,
  getVolume,
  listVolumes,
  revertVolume,
  uploadVolume,
  type Accepted,
} from '../domain/volumes.js';
import { volumeInput } from './bodies.js';
import { backupView, snapshotView, typeView, volumeView } from './volumes.view.js';

const endpoint = endpointFor<ComputeCtx>();
const changed = (ctx: ComputeRequest, { volume, operationId }: Accepted, more: Record<string, string> = {}): Reply =>
  accepted(ctx, operationId, volumeView(volume, viewerOf(ctx)), more);

const volumesAt = (at: typeof compute.staffVolumes | typeof compute.userVolumes): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await listVolumes(ctx, query, actingOf(req)), (row) => volumeView(row, viewerOf(ctx))),
  ),
  endpoint(at.create, async (ctx, { req, body: b }) => {
    const whose = 'client' in b ? { client: b.client } : { acting: actingOf(req) };
    return changed(ctx, await createVolume(ctx, volumeInput(b), whose));
  }),
  endpoint(at.get, async (ctx, { params }) => volumeView(await getVolume(ctx, params.id), viewerOf(ctx))),
  endpoint(at.patch, async (ctx, { params, body }) =>
    volumeView(await changeVolume(ctx, params.id, camelKeys(body)), viewerOf(ctx)),
  ),
  endpoint(at.remove, async (ctx, { params }) => accepted(ctx, await deleteVolume(ctx, params.id), undefined)),
  endpoint(at.rename, async (ctx, { params, body }) =>
    volumeView(await changeVolume(ctx, params.id, { name: body.name }), viewerOf(ctx)),
  ),
  endpoint(at.extend, async (ctx, { params, body }) => changed(ctx, await extendVolume(ctx, params.id, body.size))),
  endpoint(at.upload, async (ctx, { params, body }) => {
    const made = await uploadVolume(ctx, params.id, { name: body.name, diskFormat: body.disk_format });
    return changed(ctx, made, { 'X-Image-Id': made.imageId });
  }),
  endpoint(at.revert, async (ctx, { params, body }) => changed(ctx, await revertVolume(ctx, params.id, body.snapshot))),
];
const snapshotsAt = (
  at: typeof compute.staffVolumeSnapshots | typeof compute.userVolumeSnapshots,
): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await listSnapshots(ctx, query, actingOf(req)), (row) => snapshotView(row, viewerOf(ctx))),
  ),
  endpoint(at.create, async (ctx, { body }) => {
    const { snapshot, operationId } = await createSnapshot(ctx, body);
    return accepted(ctx, operationId, snapshotView(snapshot, viewerOf(ctx)));
  }),
  endpoint(at.get, async (ctx, { params }) => snapshotView(await getSnapshot(ctx, params.id), viewerOf(ctx))),
  endpoint(at.patch, async (ctx, { params, body }) =>
    snapshotView(await changeSnapshot(ctx, params.id, body), viewerOf(ctx)),
  ),
  endpoint(at.remove, async (ctx, { params }) => accepted(ctx, await deleteSnapshot(ctx, params.id), undefined)),
];
const backupsAt = (
  at: typeof compute.staffVolumeBackups | typeof compute.userVolumeBackups,
): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await listBackups(ctx, query, actingOf(req)), (row) => backupView(row, viewerOf(ctx))),
  ),
  endpoint(at.create, async (ctx, { body }) => {
    const { backup, operationId } = await createBackup(ctx, body);
    return accepted(ctx, operationId, backupView(backup, viewerOf(ctx)));
  }),
  endpoint(at.get, async (ctx, { params }) => backupView(await getBackup(ctx, params.id), viewerOf(ctx))),
  endpoint(at.patch, async (ctx, { params, body }) =>
    backupView(await changeBackup(ctx, params.id, body), viewerOf(ctx)),
  ),
  endpoint(at.remove, async (ctx, { params }) => accepted(ctx, await deleteBackup(ctx, params.id), undefined)),
  endpoint(at.restore, async (ctx, { params, body }) => {
    const { volumeId, operationId } = await restoreBackup(ctx, params.id, body);
    return changed(ctx, { volume: await getVolume(ctx, volumeId), operationId });
  }),
];
const typesAt = (at: typeof compute.staffVolumeTypes | typeof compute.userVolumeTypes): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await listTypes(ctx, query), (row) => typeView(row, viewerOf(ctx))),
  ),
  endpoint(at.get, async (ctx, { params }) => typeView(await getType(ctx, params.id), viewerOf(ctx))),
];
const { create, patch, remove } = compute.staffVolumeTypes;
export const volumeEndpoints: Endpoint<ComputeCtx>[] = [
  ...volumesAt(compute.staffVolumes),
  ...volumesAt(compute.userVolumes),
  ...snapshotsAt(compute.staffVolumeSnapshots),
  ...snapshotsAt(compute.userVolumeSnapshots),
  ...backupsAt(compute.staffVolumeBackups),
  ...backupsAt(compute.userVolumeBackups),
  ...typesAt(compute.staffVolumeTypes),
  ...typesAt(compute.userVolumeTypes),
  endpoint(create, async (ctx, { body }) => typeView(await createType(ctx, camelKeys(body)), viewerOf(ctx))),
  endpoint(patch, async (ctx, { params, body }) =>
    typeView(await changeType(ctx, params.id, camelKeys(body)), viewerOf(ctx)),
  ),
  endpoint(remove, (ctx, { params }) => removeType(ctx, params.id)),
];
