import type { JobHandler } from '@nefos/service-kit';
import { feedbackJobs } from './accounts/jobs/feedback-mail.js';
import type { IdentityCtx } from './ctx.js';

/**
 * Everything that identity does after a request. Payloads hold ids only: text and secrets are read, or made, when the
 * job runs.
 */
export const tasks = (ctx: IdentityCtx): Record<string, JobHandler> => ({ ...feedbackJobs(ctx) });
