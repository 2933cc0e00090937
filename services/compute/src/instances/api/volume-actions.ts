import type { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { requestAttach, requestDetach } from '../domain/volumes.js';
import { accepted } from '../../operations/api/accepted.js';

const endpoint = endpointFor<ComputeCtx>();
/** Volumes that come to instances and go. */
export const volumeActions = (
  at: typeof compute.staffInstances | typeof compute.userInstances,
): Endpoint<ComputeCtx>[] => [
  endpoint(at.withBody['attach-volume'], async (ctx, { params, body }) => {
    const { volume, device, delete_on_termination: deleteOnTermination } = body;
    const operationId = await requestAttach(ctx, params.id, { volume, device, deleteOnTermination });
    return accepted(ctx, operationId, { detail: 'Volume is attaching' });
  }),
  endpoint(at.withBody.detach_volume, async (ctx, { params, body }) =>
    accepted(ctx, await requestDetach(ctx, params.id, body.volume), { detail: 'Volume is detaching' }),
  ),
];
