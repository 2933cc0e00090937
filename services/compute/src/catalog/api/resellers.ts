import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import {
  changeReseller,
  createReseller,
  getReseller,
  listResellers,
  removeReseller,
  type ResellerSet,
} from '../domain/resellers.js';

const endpoint = endpointFor<ComputeCtx>();
const view = (r: ResellerSet) => ({
  id: r.id,
  name: r.name,
  client: { id: r.clientId, name: r.clientName },
  flavors: r.flavors,
  catalogue: r.catalogue,
});
/** What resellers offer, for staff (contract compute §8.3). */
export const resellerEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(compute.listResellerResources, async (ctx, { req, query }) =>
    envelope(ctx, req, await listResellers(ctx, query), view),
  ),
  endpoint(compute.getResellerResources, async (ctx, { params }) => view(await getReseller(ctx, params.reseller_id))),
  endpoint(compute.createResellerResources, async (ctx, { body: { client, ...set } }) =>
    view(await createReseller(ctx, client, set)),
  ),
  endpoint(compute.patchResellerResources, async (ctx, { params, body }) =>
    view(await changeReseller(ctx, params.reseller_id, body)),
  ),
  endpoint(compute.deleteResellerResources, async (ctx, { params }) => removeReseller(ctx, params.reseller_id)),
];
