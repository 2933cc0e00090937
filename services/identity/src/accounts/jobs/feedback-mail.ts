import type { JobHandler } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { MAIL_FEEDBACK, mailFeedback } from '../domain/feedback.js';

export const feedbackJobs = (ctx: IdentityCtx): Record<string, JobHandler> => ({
  [MAIL_FEEDBACK]: ({ id }) => mailFeedback(ctx, String(id)),
});
