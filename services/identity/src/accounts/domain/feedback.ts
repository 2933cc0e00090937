import { enqueue } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { findFeedback, insertFeedback, markMailed } from '../store/feedback.js';
import { tooMany } from '../../access/domain/errors.js';
import type { TokenUser } from '../../access/domain/tokens.js';

export const MAIL_FEEDBACK = 'feedback.mail';
/** Stored, with the job that mails it: what a user wrote is lost neither with the mail server nor with this process. @throws too_many */
export const giveFeedback = async (
  ctx: IdentityRequest,
  user: TokenUser,
  message: string,
  data: string,
): Promise<void> => {
  const wait = await ctx.limits.feedback.count(user.uuid);
  if (wait !== null) throw tooMany(wait);
  await ctx.db.transaction(async (tx) => {
    const id = await insertFeedback(tx, user.id, message, data);
    if (ctx.mail.configured) await enqueue(tx, MAIL_FEEDBACK, { id }, { key: `${MAIL_FEEDBACK}:${id}` });
  });
};
/** The job's step. A crash between the mail and the mark mails it again, under the same Message-ID. @throws when the mail server does not take it */
export const mailFeedback = async (ctx: IdentityCtx, id: string): Promise<void> => {
  const found = await findFeedback(ctx.db, id);
  if (!found || found.mailed) return;
  if (!ctx.mail.configured) throw new Error('NEFOS_IDENTITY_SMTP_URL is not set, and feedback waits to be mailed');
  await ctx.mail.send({
    to: ctx.settings.feedbackTo,
    subject: 'Feedback',
    text: `Feedback ${id} from ${found.name} <${found.username}> (${found.uuid}):\n\n${found.message}\n\n--\n${found.data}\n`,
    replyTo: found.username,
    messageId: `<feedback-${id}.${found.uuid}@${new URL(ctx.settings.publicUrl).hostname}>`,
  });
  await markMailed(ctx.db, id);
};
