import { introspection } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { requestAbort } from '../domain/abort.js';
import { demandRun } from '../domain/find.js';
import { listIntrospections } from '../domain/listing.js';
import { requestStart } from '../domain/start.js';
import { statusView } from './status.view.js';

const endpoint = endpointFor<IntrospectionCtx>();
/** Introspection of a node (contract introspection §2.3 to §2.5, §2.9). */
export const runEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.startIntrospection, (ctx, { params, query, req }) =>
    requestStart(ctx, params.node, { manageBoot: query.manage_boot, idempotencyKey: req.get('idempotency-key') }),
  ),
  endpoint(introspection.showIntrospection, async (ctx, { params, req }) =>
    statusView(ctx, req, await demandRun(ctx.db, params.node)),
  ),
  endpoint(introspection.listIntrospections, async (ctx, { query, req }) => ({
    introspection: (await listIntrospections(ctx, query)).map((run) => statusView(ctx, req, run)),
  })),
  endpoint(introspection.abortIntrospection, async (ctx, { params }) => {
    await requestAbort(ctx, params.node);
    return {};
  }),
];
