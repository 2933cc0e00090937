import { enqueue } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { findFeedback, insertFeedback, markMailed } from '../store/feedback.js';
import { tooMany } from '../../access/domain/errors.js';
import type { TokenUser } from '../../access/domain/tokens.js';

export const MAIL_FEEDBACK = 'feedback.mail';
/**
 * Stores a message, with the job that mails it, so that it is lost neither with the mail server nor with this process.
 * @throws too_many
 */
export const giveFeedback = async (
  ctx: IdentityRequest,
  user: TokenUser,
  message: string,
  data: string,
): Promise<void> => {
  const waitSeconds = await ctx.limits.feedback.count(user.uuid);
  if (waitSeconds !== null) throw tooMany(waitSeconds);
  await ctx.db.transaction(async (tx) => {
    const id = await insertFeedback(tx, user.id, message, data);
    if (ctx.mail.configured) await enqueue(tx, MAIL_FEEDBACK, { id }, { key: `${MAIL_FEEDBACK}:${id}` });
  });
};
/**
 * Mails a message once. After a crash between mailing and marking it is mailed again, under the same Message-ID.
 * @throws when mail is not configured, or the mail server refuses
 */
export const mailFeedback = async (ctx: IdentityCtx, id: string): Promise<void> => {
  const feedback = await findFeedback(ctx.db, id);
  if (!feedback || feedback.mailedAt !== null) return;
  if (!ctx.mail.configured) throw new Error('feedback can not be mailed: NEFOS_IDENTITY_SMTP_URL is not set');
  await ctx.mail.send({
    to: ctx.settings.feedbackTo,
    subject: 'Feedback',
    text:
      `Feedback ${id} from ${feedback.name} <${feedback.username}> (${feedback.uuid}):\n\n` +
      `${feedback.message}\n\n--\n${feedback.data}\n`,
    replyTo: feedback.username,
    messageId: `<feedback-${id}.${feedback.uuid}@${new URL(ctx.settings.publicUrl).hostname}>`,
  });
  await markMailed(ctx.db, id);
};
