import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { deliverWebhook } from '../domain/deliver.js';

/** `webhook.deliver` sends what waits for a webhook. */
export const eventTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'webhook.deliver': ({ webhook }, { signal }) => deliverWebhook(ctx, webhook as string, signal),
});
