import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import type { FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { requestAttach, requestDetach } from '../../instances/domain/volumes.js';
import { attachmentList, nameable, rowOf, type AttachmentRow } from '../domain/pages.js';
import { inCinderWords } from '../domain/cinder-words.js';
import { idFilter, textFilter, type FilterSet } from './filters.js';
import { listBody } from './lists.js';
import { demandKnown, demandSince, refuseAbsent } from './refuse.js';
import { attachmentView, shortAttachment } from './views.js';
import { volumeRow } from './volumes.js';

const endpoint = endpointFor<ComputeCtx>();
export const ATTACHMENT_FILTERS: FilterSet = {
  all: {
    volume_id: idFilter('x.volume_id'),
    instance_id: idFilter('x.instance_id'),
    instance_uuid: idFilter('x.instance_id'),
    id: idFilter('x.id'),
    status: textFilter('x.state'),
    attach_status: textFilter('x.state'),
  },
  open: ['volume_id', 'status', 'instance_id', 'attach_status'],
  parts: { status: 'x.state' },
};
const rowOfAttachment = (ctx: ComputeRequest, id: string): Promise<AttachmentRow> =>
  named(
    () => rowOf<AttachmentRow>(ctx, attachmentList, id, nameable(ctx, 'v.client_id')),
    `Volume attachment could not be found with filter: attachment_id = ${id}.`,
  );
const listed = (ctx: ComputeRequest, input: { req: Request; query: FaceQuery }, whole: boolean) => {
  demandSince(ctx, 27);
  return listBody<AttachmentRow>(ctx, input, {
    spec: attachmentList,
    filters: ATTACHMENT_FILTERS,
    key: 'attachments',
    word: 'Attachment',
    path: `/volume/v3/attachments${whole ? '/detail' : ''}`,
    view: (row) => (whole ? attachmentView(row) : shortAttachment(row)),
    clientColumn: 'v.client_id',
  });
};

/** What attaches is the portal: a server gets the volume, or gives it back. */
export const attachmentEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.detailAttachments, (ctx, input) => listed(ctx, input, true)),
  endpoint(facadeVolume.listAttachments, (ctx, input) => listed(ctx, input, false)),
  endpoint(facadeVolume.showAttachment, async (ctx, { params: { id } }) => {
    demandSince(ctx, 27);
    return { attachment: attachmentView(await rowOfAttachment(ctx, id)) };
  }),
  endpoint(facadeVolume.createAttachment, async (ctx, { body: { attachment: a } }) => {
    demandSince(ctx, 27);
    // The newest client sends it empty, whatever version it asks.
    if (a.mode !== null) demandKnown(ctx, a, { mode: 54 });
    const { volume_uuid: volume, instance_uuid: instance } = a;
    await volumeRow(ctx, volume);
    if (!instance) return refuseAbsent('a volume is attached to a server: name it by instance_uuid.');
    if (a.mode === 'ro') refuseAbsent('volumes are attached for reading and writing.');
    await named(
      () => inCinderWords(() => requestAttach(ctx, instance, { volume, device: null, deleteOnTermination: false })),
      `Instance ${instance} could not be found.`,
    );
    const [made] = (await volumeRow(ctx, volume)).attachments;
    if (!made) throw faceFault('conflict', `Volume ${volume} is not attached any more.`);
    return { attachment: attachmentView(made) };
  }),
  endpoint(facadeVolume.updateAttachment, async (ctx, { params: { id } }) => {
    demandSince(ctx, 27);
    await rowOfAttachment(ctx, id);
    return refuseAbsent('the hypervisor knows its own connector.');
  }),
  endpoint(facadeVolume.deleteAttachment, async (ctx, { params: { id } }) => {
    demandSince(ctx, 27);
    const { instanceId, volumeId } = await rowOfAttachment(ctx, id);
    await inCinderWords(() => requestDetach(ctx, instanceId, volumeId));
    const rest = (await volumeRow(ctx, volumeId)).attachments.filter((one) => one.id !== id);
    return { attachments: rest.map((one) => attachmentView(one)) };
  }),
  endpoint(facadeVolume.completeAttachment, async (ctx, { params: { id } }) => {
    demandSince(ctx, 44);
    const { state } = await rowOfAttachment(ctx, id);
    if (state !== 'attached')
      refuseAbsent(`the attachment is ${state}: it is complete when the server has the volume.`);
  }),
];
