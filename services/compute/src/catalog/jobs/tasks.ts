import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { finishImageDelete } from '../domain/image-cleaning.js';
import { runImport } from '../domain/image-import.js';

/** Jobs of images. */
export const catalogTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'image.import': ({ id }, job) => runImport(ctx, id as string, job),
  'image.delete': ({ id }) => finishImageDelete(ctx, id as string),
});
