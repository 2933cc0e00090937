import { parseInstant } from '@nefos/contracts';
import type { Command } from 'commander';
import { auditEvents, type AuditRow } from '../access/domain/audit.js';
import { bad } from '../access/domain/errors.js';
import { accountByName } from '../accounts/domain/accounts.js';
import type { IdentityRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';
import { auditResult, instantView, wholeNumber } from './values.js';

interface ListOptions {
  limit: number;
  before?: number;
  actor?: string;
  action?: string;
  target?: string;
  result?: string;
  since?: string;
}
/** The record has users by their uuid: an e-mail address is translated; anything else stays. */
const recordedName = async (ctx: IdentityRequest, name: string | undefined): Promise<string | undefined> =>
  name?.includes('@') ? ((await accountByName(ctx.db, name))?.uuid ?? name) : name;
const eventView = (event: AuditRow): Row => ({
  id: Number(event.id),
  at: instantView(event.at),
  actor: event.actor,
  action: event.action,
  target: event.target,
  result: event.result,
  ip: event.ip,
  request_id: event.requestId,
  detail: event.detail,
});
const list = async (ctx: IdentityRequest, o: ListOptions): Promise<Row[]> => {
  const since = o.since === undefined ? undefined : parseInstant(o.since);
  if (o.since !== undefined && !since) throw bad('audit.since');
  const events = await auditEvents(ctx, {
    limit: o.limit,
    before: o.before === undefined ? undefined : String(o.before),
    actor: await recordedName(ctx, o.actor),
    action: o.action,
    target: await recordedName(ctx, o.target),
    result: o.result,
    since: since?.text,
  });
  return events.map(eventView);
};

export const addAuditCommands = (root: Command, action: MakeAction): void => {
  root
    .command('audit')
    .description('who did what')
    .command('list')
    .description('newest first')
    .option('--limit <number>', 'lines at most', wholeNumber(1000), 100)
    .option('--before <id>', 'only older ones than this: the last of the page before', wholeNumber())
    .option('--actor <who>', "a user's e-mail address or uuid, or operator")
    .option('--target <what>', "a user's e-mail address or uuid, or the name of what was changed")
    .option('--action <name>', 'such as login, token.mint, user.update')
    .option('--result <result>', 'ok or refused', auditResult)
    .option('--since <instant>', 'such as 2026-01-31 or 2026-01-31T12:00:00Z')
    .action(action(list));
};
