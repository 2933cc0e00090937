import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { cancelOperation, getOperation, listOperations, retryOperation, viewOperations } from '../domain/operations.js';
import { operationView } from './operations.view.js';
import { envelope } from '../../lists/api/envelope.js';
import { viewerOf } from '../../access/api/viewer.js';

const endpoint = endpointFor<ComputeCtx>();
const forRoot = (at: typeof compute.staffOperations | typeof compute.userOperations): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await listOperations(ctx, query), (row) => operationView(row, viewerOf(ctx))),
  ),
  // `view` comes before `get`, whose path would take its name for an id.
  endpoint(at.retry, async (ctx, { params }) => operationView(await retryOperation(ctx, params.id), viewerOf(ctx))),
  endpoint(at.view, async (ctx) => ({ detail: `${await viewOperations(ctx)} operations marked as viewed` })),
  endpoint(at.get, async (ctx, { params }) => operationView(await getOperation(ctx, params.id), viewerOf(ctx))),
  endpoint(at.cancel, async (ctx, { params }) => operationView(await cancelOperation(ctx, params.id), viewerOf(ctx))),
];
export const operationEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffOperations),
  ...forRoot(compute.userOperations),
];
