import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { finishImageDelete } from '../domain/snapshot-images.js';

/** Jobs: `image.delete` deletes an image that waits for it. */
export const catalogTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'image.delete': ({ id }) => finishImageDelete(ctx, id as string),
});
