import { localSeconds } from '../../local-time.js';
import { sentenceOf, wordingOf } from '../../refusals.js';
import type { ScheduleRow } from '../domain/power-schedules.js';

const pgTime = (iso: string): string => iso.replace('T', ' ').replace('Z', '+00');
const detailOf = ({ status, code = '', values = {} }: NonNullable<ScheduleRow['lastResult']>): string => {
  if (status === 'accepted') return 'The action was accepted.';
  if (status === 'skipped') return 'The time was missed by more than an hour.';
  const wording = wordingOf(code);
  return wording ? sentenceOf(wording, values) : 'The action was refused.';
};
export const scheduleView = (one: ScheduleRow, zone: string) => ({
  id: one.id,
  instance: one.instanceId,
  client: one.clientId,
  action: one.action,
  cron: one.cron,
  timezone: one.timezone,
  enabled: one.enabled,
  next_run: one.enabled && one.nextRunAt ? localSeconds(one.nextRunAt, zone) : null,
  last_run: one.lastRunAt && localSeconds(one.lastRunAt, zone),
  last_result: one.lastResult && {
    status: one.lastResult.status,
    due_at: localSeconds(pgTime(one.lastResult.dueAt), zone),
    operation: one.lastResult.operation ?? null,
    detail: detailOf(one.lastResult),
  },
  created_at: localSeconds(one.createdAt, zone),
  updated_at: localSeconds(one.updatedAt, zone),
});
