import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { userOf } from '../../access/domain/caller.js';
import type { IdentityCtx } from '../../ctx.js';
import { giveFeedback } from '../domain/feedback.js';

const endpoint = endpointFor<IdentityCtx>();
export const feedbackEndpoints = [
  endpoint(identity.sendFeedback, async (ctx, { body }) =>
    giveFeedback(ctx, userOf(ctx).user, body.feedback_msg, body.feedback_data),
  ),
];
