import type { JobHandler } from '@nefos/service-kit';
import type { IdentityCtx } from './ctx.js';
import { MAIL_FEEDBACK, mailFeedback } from './accounts/domain/feedback.js';

/** Everything that identity does after a request. Payloads hold ids only: text and secrets are read, or made, when the job runs. */
export const tasks = (ctx: IdentityCtx): Record<string, JobHandler> => ({
  [MAIL_FEEDBACK]: ({ id }) => mailFeedback(ctx, String(id)),
});
