import type { IdentityRequest } from '../ctx.js';
import { insertFeedback, markMailed } from '../store/feedback.js';
import { Fault, tooMany } from './errors.js';
import type { TokenUser } from './tokens.js';

/** Stored first, then mailed: what a user wrote is not lost with the mail server. @throws too_many; upstream feedback.not_mailed */
export const giveFeedback = async (ctx: IdentityRequest, user: TokenUser, message: string, data: string): Promise<void> => {
  const wait = await ctx.limits.feedback.count(user.uuid);
  if (wait !== null) throw tooMany(wait);
  const id = await insertFeedback(ctx.db, user.id, message, data);
  if (!ctx.mail.configured) return;
  const text = `Feedback ${id} from ${user.name} <${user.username}> (${user.uuid}):\n\n${message}\n\n--\n${data}\n`;
  try {
    await ctx.mail.send({ to: ctx.settings.feedbackTo, subject: 'Feedback', text, replyTo: user.username });
  } catch (err) {
    throw new Fault('upstream', 'feedback.not_mailed', {}, { cause: err });
  }
  await markMailed(ctx.db, id);
};
