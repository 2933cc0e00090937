import type { JobHandler } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { finishReported } from '../domain/ending.js';
import { reapplyStored } from '../domain/reapply.js';

export const reportTasks = (ctx: IntrospectionCtx): Record<string, JobHandler> => ({
  'report.finish': ({ node = '', run = '' }) => finishReported(ctx, node, run),
  'report.reapply': ({ node = '', run = '' }) => reapplyStored(ctx, node, run),
});
