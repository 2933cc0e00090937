import { compute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { changeGroup, createGroup, getGroup, listGroups, removeGroup } from '../domain/groups.js';
import { listConfigurations, listCurrencies } from '../domain/configurations.js';
import { envelope } from '../../lists/api/envelope.js';

const endpoint = endpointFor<ComputeCtx>();
const asIs = <T>(row: T): T => row;

export const clientGroupEndpoints = [
  endpoint(compute.listClientGroups, async (ctx, { query, req }) =>
    envelope(ctx, req, await listGroups(ctx, query), asIs),
  ),
  endpoint(compute.createClientGroup, async (ctx, { body }) => createGroup(ctx, body)),
  endpoint(compute.getClientGroup, async (ctx, { params }) => getGroup(ctx, params.group_id)),
  endpoint(compute.putClientGroup, async (ctx, { params, body }) => changeGroup(ctx, params.group_id, body)),
  endpoint(compute.patchClientGroup, async (ctx, { params, body }) => changeGroup(ctx, params.group_id, body)),
  endpoint(compute.deleteClientGroup, async (ctx, { params }) => removeGroup(ctx, params.group_id)),
  endpoint(compute.listConfigurations, async (ctx, { query, req }) =>
    envelope(ctx, req, await listConfigurations(ctx, query), asIs),
  ),
  endpoint(compute.listCurrencies, async (ctx, { query, req }) =>
    envelope(ctx, req, await listCurrencies(ctx, query), asIs),
  ),
];
