import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { finishReported } from '../domain/ending.js';
import { reapplyStored } from '../domain/reapply.js';

export const reportTasks = (ctx: IntrospectionCtx): Record<string, JobHandler> => ({
  'runs.end': ({ node = '', run = '' }) => finishReported(ctx, node, run),
  'reports.reapply': ({ node = '', run = '' }) => reapplyStored(ctx, node, run),
});
