import type { Request } from 'express';
import { linkTo } from '../../access/api/origin.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { inspectorTime } from '../../times.js';
import type { ListedRun } from '../domain/listing.js';

/** Contract introspection §3.1. */
export const statusView = (ctx: IntrospectionCtx, req: Request, run: ListedRun) => ({
  error: run.error,
  finished: run.finishedAt !== null,
  finished_at: inspectorTime(run.finishedAt),
  links: [{ href: linkTo(ctx, req, `/v1/introspection/${run.nodeUuid}`), rel: 'self' }],
  started_at: inspectorTime(run.startedAt),
  state: run.state,
  uuid: run.nodeUuid,
});
