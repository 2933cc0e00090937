import { randomUUID } from 'node:crypto';
import { Fault, invalid, notFound, type Tx } from '@nefos/service-kit';
import { callerOf, maySee, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Permission } from '../../access/domain/permissions.js';
import type { ComputeRequest } from '../../ctx.js';
import { findReachable } from '../../instances/domain/instances.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { demandSupported } from '../../operations/domain/faults.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { lockState, type InstanceState } from '../../operations/domain/read-state.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import * as store from '../store/power-schedules.js';
import type { ScheduledAction, ScheduleRow } from '../store/power-schedules.js';
import { isCron, isZone, nextTime } from './cron.js';

export type { ScheduleRow } from '../store/power-schedules.js';

const MAX_PER_INSTANCE = 20;
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
  if (!isZone(timezone)) throw invalidValue(['timezone'], 'schedule.timezone');
  const next = nextTime(cron, timezone, ctx.clock.now());
  if (!next) throw invalidValue(['cron'], 'schedule.never');
  return next.toISOString();
};
/** Schedules of instances that the caller may see, newest first. */
export const listSchedules = (
  ctx: ComputeRequest,
  query: Query,
  acting: string | undefined,
): Promise<Page<ScheduleRow>> => store.listSchedules(dbOf(ctx), query, visibleClients(callerOf(ctx), acting));
/** @throws Fault not_found */
export const getSchedule = async (ctx: ComputeRequest, id: string): Promise<ScheduleRow> => {
  const one = UUID.test(id) ? await store.findSchedule(dbOf(ctx), id) : undefined;
  if (!one || !maySee(callerOf(ctx), one.clientId)) throw notFound();
  return one;
};

/** The instance of a body. @throws Fault invalid: there is none, or it is another client's; forbidden */
const reachable = (ctx: ComputeRequest, id: string, action: ScheduledAction): Promise<InstanceState> =>
  findReachable(ctx, id, PERMISSION[action]).catch((err: unknown) => {
    throw err instanceof Fault && err.kind === 'not_found' ? invalid([unknownKey(['instance'], id)]) : err;
  });
/** End users of a suspended client change nothing of compute. */
const demandFree = (ctx: ComputeRequest, tx: Tx, clientId: number, instanceId: string): Promise<void> =>
  refuseHeld(tx, { clientId, instanceId }, { staff: callerOf(ctx).staff, wakes: false });

/**
 * @throws Fault invalid, forbidden, forbidden/client.suspended, conflict/action.unsupported, conflict/schedule.too_many
 */
export const createSchedule = async (ctx: ComputeRequest, input: ScheduleInput): Promise<ScheduleRow> => {
  const { action, cron, timezone, enabled } = input;
  const { id: instanceId, clientId, regionId } = await reachable(ctx, input.instance, action);
  const nextRunAt = nextOf(ctx, cron, timezone);
  demandSupported(ctx, regionId, action);
  const id = randomUUID();
  await dbOf(ctx).transaction(async (tx) => {
    await demandFree(ctx, tx, clientId, instanceId);
    // Locked, so that many at once do not pass the limit.
    if (!(await lockState(tx, instanceId, clientId))) throw invalid([unknownKey(['instance'], instanceId)]);
    if ((await store.countOfInstance(tx, instanceId)) >= MAX_PER_INSTANCE)
      throw refusal('conflict', 'schedule.too_many', { max: MAX_PER_INSTANCE });
    await store.insertSchedule(tx, { id, instanceId, action, cron, timezone, enabled, nextRunAt });
  });
  return getSchedule(ctx, id);
};
/** Changes what is given; it runs next as if it were new. @throws as `createSchedule`, not_found */
export const changeSchedule = async (ctx: ComputeRequest, id: string, patch: SchedulePatch): Promise<ScheduleRow> => {
  const before = await getSchedule(ctx, id);
  const action = patch.action ?? before.action;
  const { regionId } = await findReachable(ctx, before.instanceId, PERMISSION[action]);
  const nextRunAt = nextOf(ctx, patch.cron ?? before.cron, patch.timezone ?? before.timezone);
  demandSupported(ctx, regionId, action);
  await dbOf(ctx).transaction(async (tx) => {
    await demandFree(ctx, tx, before.clientId, before.instanceId);
    if (!(await lockState(tx, before.instanceId, before.clientId))) throw notFound();
    await store.updateSchedule(tx, id, { ...patch, nextRunAt });
  });
  return getSchedule(ctx, id);
};
/** @throws Fault not_found */
export const removeSchedule = async (ctx: ComputeRequest, id: string): Promise<void> => {
  await getSchedule(ctx, id);
  await dbOf(ctx).transaction((tx) => store.deleteSchedule(tx, id));
};
