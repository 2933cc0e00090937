import { randomUUID } from 'node:crypto';
import type { Permission } from '../../access/domain/permissions.js';
import type { ComputeRequest } from '../../ctx.js';
import { findReachable } from '../../instances/domain/instances.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { demandSupported } from '../../operations/domain/faults.js';
import { invalidValue } from '../../refusals.js';
import { insertPowerSchedule, POWER_SCHEDULES, updatePowerSchedule } from '../store/power-schedules.js';
import type { WithClient } from '../store/schedules.js';
import type { PowerSchedule, ScheduledAction } from '../tables.js';
import { isCron, nextTime } from './cron.js';
import {
  addSchedule,
  demandZone,
  getReachable,
  listReachable,
  namedInstance,
  removeReachable,
  updateReachable,
} from './reach.js';

export type PowerScheduleRow = WithClient<PowerSchedule>;

const PERMISSION: Record<ScheduledAction, Permission> = {
  start: 'instances.start',
  stop: 'instances.stop',
  reboot: 'instances.reboot',
};
export interface ScheduleInput {
  instance: string;
  action: ScheduledAction;
  cron: string;
  timezone: string;
  enabled: boolean;
}
export type SchedulePatch = { [K in keyof Omit<ScheduleInput, 'instance'>]?: ScheduleInput[K] | undefined };

/** When it runs next. @throws Fault invalid: the expression or the zone is none, or the time never comes */
const nextOf = (ctx: ComputeRequest, cron: string, timezone: string): string => {
  if (!isCron(cron)) throw invalidValue(['cron'], 'schedule.cron');
  demandZone(timezone);
  const next = nextTime(cron, timezone, ctx.clock.now());
  if (!next) throw invalidValue(['cron'], 'schedule.never');
  return next.toISOString();
};
/** Schedules of instances that the caller may see, newest first. */
export const listSchedules = (
  ctx: ComputeRequest,
  query: Query,
  acting: string | undefined,
): Promise<Page<PowerScheduleRow>> => listReachable(ctx, POWER_SCHEDULES, query, acting);
/** @throws Fault not_found */
export const getSchedule = (ctx: ComputeRequest, id: string): Promise<PowerScheduleRow> =>
  getReachable(ctx, POWER_SCHEDULES, id);

/**
 * @throws Fault invalid, forbidden, forbidden/client.suspended, conflict/action.unsupported, conflict/schedule.too_many
 */
export const createSchedule = async (ctx: ComputeRequest, input: ScheduleInput): Promise<PowerScheduleRow> => {
  const { action, cron, timezone, enabled } = input;
  const instance = await namedInstance(ctx, input.instance, PERMISSION[action]);
  const nextRunAt = nextOf(ctx, cron, timezone);
  demandSupported(ctx, instance.regionId, action);
  const id = randomUUID();
  await addSchedule(ctx, POWER_SCHEDULES, instance, (tx) =>
    insertPowerSchedule(tx, { id, instanceId: instance.id, action, cron, timezone, enabled, nextRunAt }),
  );
  return getSchedule(ctx, id);
};
/** Changes what is given; it runs next as if it were new. @throws as `createSchedule`, not_found */
export const changeSchedule = async (
  ctx: ComputeRequest,
  id: string,
  patch: SchedulePatch,
): Promise<PowerScheduleRow> => {
  const before = await getSchedule(ctx, id);
  const action = patch.action ?? before.action;
  const { regionId } = await findReachable(ctx, before.instanceId, PERMISSION[action]);
  const nextRunAt = nextOf(ctx, patch.cron ?? before.cron, patch.timezone ?? before.timezone);
  demandSupported(ctx, regionId, action);
  await updateReachable(ctx, before, (tx) => updatePowerSchedule(tx, id, { ...patch, nextRunAt }));
  return getSchedule(ctx, id);
};
/** @throws Fault not_found */
export const removeSchedule = (ctx: ComputeRequest, id: string): Promise<void> =>
  removeReachable(ctx, POWER_SCHEDULES, id);
