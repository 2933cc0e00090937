import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { inspectNode } from '../domain/inspect.js';
import { INSPECT, VERIFY } from '../domain/task-names.js';
import { verifyNode } from '../domain/verify.js';

export const provisioningJobs = (ctx: IntrospectionCtx): Record<string, JobHandler> => ({
  [VERIFY]: ({ node = '', attempt }, { signal }) => verifyNode(ctx, node, Number(attempt), signal),
  [INSPECT]: ({ node = '', id = '', actor = '' }) => inspectNode(ctx, node, id, actor),
});
