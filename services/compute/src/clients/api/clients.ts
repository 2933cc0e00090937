import { compute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { camelKeys } from '../../camel-keys.js';
import { deleteClient, resumeClient, suspendClient, terminateClient } from '../domain/lifecycle.js';
import { createClient, getClient, listClients, updateClientDetails } from '../domain/clients.js';
import { lastOf } from '../../lists/list-query.js';
import { clientDetail, clientForm, clientItem } from './clients.view.js';
import { envelope } from '../../lists/api/envelope.js';

const endpoint = endpointFor<ComputeCtx>();
const yes = (value: unknown): boolean => /^(true|1)$/i.test(lastOf(value) ?? '');

export const clientEndpoints = [
  endpoint(compute.listClients, async (ctx, { query, req }) =>
    envelope(ctx, req, await listClients(ctx, query), clientItem(ctx)),
  ),
  endpoint(compute.createClient, async (ctx, { body: { user, create_auto_order_service: autoOrder, ...client } }) =>
    clientForm(await createClient(ctx, camelKeys(client), { autoOrder, user: user && camelKeys(user) })),
  ),
  endpoint(compute.getClient, async (ctx, { params }) => clientDetail(ctx, await getClient(ctx, params.client_id))),
  endpoint(compute.putClient, async (ctx, { params, body: { create_auto_order_service: _, ...changes } }) =>
    clientForm(await updateClientDetails(ctx, params.client_id, camelKeys(changes))),
  ),
  endpoint(compute.patchClient, async (ctx, { params, body: { create_auto_order_service: _, ...changes } }) =>
    clientForm(await updateClientDetails(ctx, params.client_id, camelKeys(changes))),
  ),
  endpoint(compute.deleteClient, async (ctx, { params, query }) => {
    await deleteClient(ctx, params.client_id, yes(query.delete_cloud_resources));
  }),
  endpoint(compute.suspendClient, async (ctx, { params }) => {
    await suspendClient(ctx, params.client_id);
    return { detail: 'Client suspended' };
  }),
  endpoint(compute.resumeClient, async (ctx, { params }) => {
    await resumeClient(ctx, params.client_id);
    return { detail: 'Client resumed' };
  }),
  endpoint(compute.terminateClient, async (ctx, { params, body }) => {
    await terminateClient(ctx, params.client_id, body.delete_cloud_resources);
    return { detail: 'Client terminated' };
  }),
  endpoint(compute.listOwnClients, async (ctx, { query, req }) =>
    envelope(ctx, req, await listClients(ctx, query), clientItem(ctx)),
  ),
  endpoint(compute.createOwnClient, async (ctx, { body }) => {
    const { userId: id, uuid } = callerOf(ctx);
    return clientForm(await createClient(ctx, camelKeys(body), { owner: { id, uuid } }));
  }),
  endpoint(compute.getOwnClient, async (ctx, { params }) => clientDetail(ctx, await getClient(ctx, params.client_id))),
  endpoint(compute.patchOwnClient, async (ctx, { params, body }) =>
    clientForm(await updateClientDetails(ctx, params.client_id, camelKeys(body))),
  ),
];
