import { Fault, invalid, notFound, type Tx } from '@nefos/service-kit';
import { callerOf, maySee, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Permission } from '../../access/domain/permissions.js';
import type { ComputeRequest } from '../../ctx.js';
import { findReachable } from '../../instances/domain/instances.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { lockState, type InstanceState } from '../../operations/domain/read-state.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import * as store from '../store/schedules.js';
import type { ScheduleKind, WithClient } from '../store/schedules.js';
import type { BackupSchedule, PowerSchedule } from '../tables.js';
import { isZone } from './cron.js';

// What requests about schedules of every kind have in common.

const MAX_PER_INSTANCE = 20;

/** Schedules of instances that the caller may see, newest first. */
export const listReachable = <R extends PowerSchedule | BackupSchedule>(
  ctx: ComputeRequest,
  kind: ScheduleKind<R>,
  query: Query,
  acting: string | undefined,
): Promise<Page<WithClient<R>>> => store.listSchedules(dbOf(ctx), kind, query, visibleClients(callerOf(ctx), acting));
/** @throws Fault not_found */
export const getReachable = async <R extends PowerSchedule | BackupSchedule>(
  ctx: ComputeRequest,
  kind: ScheduleKind<R>,
  id: string,
): Promise<WithClient<R>> => {
  const one = UUID.test(id) ? await store.findSchedule(dbOf(ctx), kind, id) : undefined;
  if (!one || !maySee(callerOf(ctx), one.clientId)) throw notFound();
  return one;
};
/** The instance of a body. @throws Fault invalid: there is none, or it is another client's; forbidden */
export const namedInstance = (ctx: ComputeRequest, id: string, permission: Permission): Promise<InstanceState> =>
  findReachable(ctx, id, permission).catch((err: unknown) => {
    throw err instanceof Fault && err.kind === 'not_found' ? invalid([unknownKey(['instance'], id)]) : err;
  });
/** @throws Fault invalid */
export const demandZone = (timezone: string): void => {
  if (!isZone(timezone)) throw invalidValue(['timezone'], 'schedule.timezone');
};
/** End users of a suspended client change nothing of compute. */
const demandFree = (
  ctx: ComputeRequest,
  tx: Tx,
  { clientId, id }: Pick<InstanceState, 'clientId' | 'id'>,
): Promise<void> => refuseHeld(tx, { clientId, instanceId: id }, { staff: callerOf(ctx).staff, wakes: false });
/**
 * Makes one more schedule of an instance. The instance is locked, so that many at once do not pass the limit.
 * @throws Fault invalid, forbidden/client.suspended, conflict/schedule.too_many, and those of `insert`
 */
export const addSchedule = (
  ctx: ComputeRequest,
  kind: Pick<ScheduleKind<PowerSchedule>, 'name'>,
  instance: InstanceState,
  insert: (tx: Tx) => Promise<void>,
): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    await demandFree(ctx, tx, instance);
    if (!(await lockState(tx, instance.id, instance.clientId))) throw invalid([unknownKey(['instance'], instance.id)]);
    if ((await store.countOfInstance(tx, kind, instance.id)) >= MAX_PER_INSTANCE)
      throw refusal('conflict', 'schedule.too_many', { max: MAX_PER_INSTANCE });
    await insert(tx);
  });
/** @throws Fault not_found, forbidden/client.suspended, and those of `update` */
export const updateReachable = (
  ctx: ComputeRequest,
  { instanceId, clientId }: Pick<WithClient<PowerSchedule>, 'instanceId' | 'clientId'>,
  update: (tx: Tx) => Promise<void>,
): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    await demandFree(ctx, tx, { id: instanceId, clientId });
    if (!(await lockState(tx, instanceId, clientId))) throw notFound();
    await update(tx);
  });
/** @throws Fault not_found */
export const removeReachable = async <R extends PowerSchedule | BackupSchedule>(
  ctx: ComputeRequest,
  kind: ScheduleKind<R>,
  id: string,
): Promise<void> => {
  await getReachable(ctx, kind, id);
  await dbOf(ctx).transaction((tx) => store.deleteSchedule(tx, kind, id));
};
