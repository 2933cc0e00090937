import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryOffset } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { changeAttachment, requestAttach, requestDetach } from '../../instances/domain/volumes.js';
import { listAttachmentsOf, type VolumeAttachment } from '../../volumes/domain/for-instances.js';
import { getServer, onServer, type NovaSays } from './in-nova.js';
import { demandKnownQuery, refuseNewer } from './versioned.js';

const endpoint = endpointFor<ComputeCtx>();

const summary = (a: VolumeAttachment) => ({ serverId: a.instanceId, volumeId: a.volumeId, device: a.device });
/** Nefos keeps no tags of devices. */
const later = (ctx: ComputeRequest, a: VolumeAttachment) => ({
  ...(since(ctx, 70) && { tag: null }),
  ...(since(ctx, 79) && { delete_on_termination: a.deleteOnTermination }),
});
const view = (ctx: ComputeRequest, a: VolumeAttachment) => ({
  ...summary(a),
  ...later(ctx, a),
  ...(since(ctx, 89) ? { attachment_id: a.id, bdm_uuid: a.id } : { id: a.volumeId }),
});
const notAttached = (volume: string) => faceFault('not_found', `volume_id not found: ${volume}`);
const says = (volume: string): NovaSays => ({
  missing: { volume: faceFault('not_found', `Volume ${volume} could not be found.`) },
  codes: {
    'volume.not_attached': notAttached(volume),
    'volume.root': faceFault('invalid', 'Cannot detach a root device volume'),
  },
});
/** @throws Fault not_found */
const findAttachment = async (ctx: ComputeRequest, id: string, volume: string): Promise<VolumeAttachment> => {
  await getServer(ctx, id);
  const found = (await listAttachmentsOf(dbOf(ctx), id)).find(({ volumeId }) => volumeId === volume);
  if (!found) throw notAttached(volume);
  return found;
};

export const serverVolumeEndpoints = [
  endpoint(facadeCompute.listServerVolumes, async (ctx, { params: { id }, query }) => {
    demandKnownQuery(ctx, query, ['limit', 'offset']);
    await getServer(ctx, id);
    const [offset, limit] = [queryOffset(query), queryLimit(query)];
    const found = await listAttachmentsOf(dbOf(ctx), id);
    return { volumeAttachments: found.slice(offset, offset + limit).map((one) => view(ctx, one)) };
  }),
  endpoint(facadeCompute.showServerVolume, async (ctx, { params: { id, volume } }) => ({
    volumeAttachment: view(ctx, await findAttachment(ctx, id, volume)),
  })),
  endpoint(facadeCompute.attachServerVolume, async (ctx, { params: { id }, body: { volumeAttachment: wanted } }) => {
    refuseNewer(ctx, wanted, { tag: 49, delete_on_termination: 79 });
    if (wanted.tag !== undefined) throw faceFault('invalid', 'Tags of devices are not supported.');
    const { volumeId, device = null, delete_on_termination: deleteOnTermination = false } = wanted;
    const input = { volume: volumeId, device, deleteOnTermination };
    await onServer(id, () => requestAttach(ctx, id, input), says(volumeId));
    const made = await findAttachment(ctx, id, volumeId);
    return { volumeAttachment: { id: made.volumeId, ...summary(made), ...later(ctx, made) } };
  }),
  endpoint(facadeCompute.changeServerVolume, async (ctx, { params: { id, volume }, body }) => {
    const { volumeAttachment: wanted } = body;
    refuseNewer(ctx, wanted, { id: 85, serverId: 85, device: 85, tag: 85, delete_on_termination: 85 });
    await findAttachment(ctx, id, volume);
    if (wanted.volumeId !== volume)
      throw faceFault('unsupported', 'Nefos does not put one volume in place of another.');
    const { delete_on_termination: deleteOnTermination } = wanted;
    if (deleteOnTermination === undefined) return undefined;
    await onServer(id, () => changeAttachment(ctx, id, volume, { deleteOnTermination }), says(volume));
    return undefined;
  }),
  endpoint(facadeCompute.detachServerVolume, async (ctx, { params: { id, volume } }) => {
    await findAttachment(ctx, id, volume);
    await onServer(id, () => requestDetach(ctx, id, volume), says(volume));
  }),
];
