import { localSeconds } from '../../local-time.js';
import { sentenceOf, wordingOf } from '../../refusals.js';
import type { PowerScheduleRow } from '../domain/power-schedules.js';

type Common = Pick<
  PowerScheduleRow,
  | 'id'
  | 'instanceId'
  | 'clientId'
  | 'timezone'
  | 'enabled'
  | 'nextRunAt'
  | 'lastRunAt'
  | 'lastResult'
  | 'createdAt'
  | 'updatedAt'
>;
const pgTime = (iso: string): string => iso.replace('T', ' ').replace('Z', '+00');
const detailOf = ({ status, code = '', values = {} }: NonNullable<Common['lastResult']>, accepted: string): string => {
  if (status === 'accepted') return accepted;
  if (status === 'skipped') return 'The time was missed by more than an hour.';
  const wording = wordingOf(code);
  return wording ? sentenceOf(wording, values) : 'The action was refused.';
};
/** What schedules of every kind show. @param accepted the sentence of a time that was kept */
export const commonView = (one: Common, zone: string, accepted: string) => ({
  head: { id: one.id, instance: one.instanceId, client: one.clientId },
  tail: {
    timezone: one.timezone,
    enabled: one.enabled,
    next_run: one.enabled && one.nextRunAt ? localSeconds(one.nextRunAt, zone) : null,
    last_run: one.lastRunAt && localSeconds(one.lastRunAt, zone),
    created_at: localSeconds(one.createdAt, zone),
    updated_at: localSeconds(one.updatedAt, zone),
  },
  result: one.lastResult && {
    status: one.lastResult.status,
    due_at: localSeconds(pgTime(one.lastResult.dueAt), zone),
    operation: one.lastResult.operation ?? null,
    detail: detailOf(one.lastResult, accepted),
  },
});
