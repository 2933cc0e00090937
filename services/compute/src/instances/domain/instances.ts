import { millis, notFound, type Tx } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { callerOf, maySee, visibleClients } from '../../access/domain/caller.js';
import type { Caller } from '../../access/domain/callers.js';
import { dbOf } from '../../access/domain/claim.js';
import { demand, permissionsOf, type Permission } from '../../access/domain/permissions.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { allowedActions } from '../../operations/allowed-actions.js';
import { clientSuspended, locked } from '../../operations/domain/faults.js';
import { touchName } from '../../operations/domain/names.js';
import { listOperationsOn, type ShownOperation } from '../../operations/domain/operations.js';
import { findState, lockState, type InstanceState } from '../../operations/domain/read-state.js';
import { changeTrafficLimit } from '../../operations/domain/traffic-limits.js';
import { shareLockHold } from '../../owners/domain/owners.js';
import { invalidValue } from '../../refusals.js';
import { momentOf } from '../../traffic/domain/moment.js';
import type { LimitChanges } from '../../traffic/domain/traffic.js';
import * as store from '../store/instances.js';
import type { Changes, InstanceDetail, InstanceRow } from '../store/instances.js';

/** An instance with the actions that are possible on it (contract compute §6.4). */
export type ShownInstance = InstanceRow & {
  allowedActions: string[];
  /** Bytes carried in this month, and in this cycle of the client's service. */
  monthTraffic: number;
  cycleTraffic: number;
};
/** The same with its volumes. */
export type DetailedInstance = ShownInstance & Pick<InstanceDetail, 'volumes'>;

const withActions =
  (ctx: ComputeCtx, { staff }: Caller, moment = momentOf(ctx)) =>
  <Row extends InstanceRow>(row: Row): Row & ShownInstance => ({
    ...row,
    // The sums are those of the last reading: of a month or cycle that is over since, nothing counts any more.
    monthTraffic: row.trafficMonth === moment.month ? row.monthBytes : 0,
    cycleTraffic: row.cycleEnd !== null && millis(row.cycleEnd) > moment.now.getTime() ? row.cycleBytes : 0,
    allowedActions: allowedActions(row.vmState, row.taskState, {
      staff,
      can: ctx.drivers.of(row.regionId).capabilities.offers,
    }),
  });

/** Instances that the caller may see, and which of the 30 permissions the caller has. */
export const listInstances = async (
  ctx: ComputeRequest,
  query: Query,
  acting?: string,
): Promise<{ page: Page<ShownInstance>; permissions: Record<Permission, boolean> }> => {
  const caller = callerOf(ctx);
  const clientIds = visibleClients(caller, acting);
  const page = await store.listInstances(dbOf(ctx), query, { staff: caller.staff, clientIds });
  return { page: { ...page, rows: page.rows.map(withActions(ctx, caller)) }, permissions: permissionsOf(caller) };
};

/** @throws Fault not_found for an instance that does not exist, was deleted, or is another client's */
export const getInstance = async (ctx: ComputeRequest, id: string): Promise<DetailedInstance> => {
  const caller = callerOf(ctx);
  const row = UUID.test(id) ? await store.findInstance(dbOf(ctx), id) : undefined;
  if (!row || !maySee(caller, row.clientId)) throw notFound();
  return withActions(ctx, caller)(row);
};

/** What was done to an instance, newest first. @throws Fault not_found */
export const listHistory = async (ctx: ComputeRequest, id: string, query: Query): Promise<Page<ShownOperation>> => {
  const { clientId } = await getInstance(ctx, id);
  return listOperationsOn(ctx, { id, clientId }, query);
};

/**
 * The state of an instance that the caller may see and has the permission for, checked in that order.
 * @throws Fault not_found, forbidden
 */
export const findReachable = async (
  ctx: ComputeRequest,
  id: string,
  permission: Permission,
): Promise<InstanceState> => {
  const caller = callerOf(ctx);
  const state = UUID.test(id) ? await findState(dbOf(ctx), id) : undefined;
  if (!state || !maySee(caller, state.clientId)) throw notFound();
  demand(caller, permission);
  return state;
};

/**
 * Locks an instance that is to be changed.
 * @throws Fault not_found, forbidden/client.suspended: end users of a suspended client
 */
const lockForChange = async (
  tx: Tx,
  { id, clientId }: InstanceState,
  { staff }: { staff: boolean },
): Promise<InstanceState> => {
  if (!staff && (await shareLockHold(tx, clientId))) throw clientSuspended();
  const state = await lockState(tx, id, clientId);
  if (!state) throw notFound();
  return state;
};

/**
 * Changes name, description, tags, delete protection and, by staff, the limit of traffic. The machine gets the name by
 * a job, and stays as it is otherwise.
 * @throws Fault not_found, forbidden, forbidden/client.suspended, conflict/instance.locked, invalid
 */
export const changeInstance = async (
  ctx: ComputeRequest,
  id: string,
  changes: Changes,
  limit: LimitChanges = {},
): Promise<DetailedInstance> => {
  const found = await findReachable(ctx, id, 'instances.rename');
  const { staff } = callerOf(ctx);
  // No driver can do it yet.
  if (limit.action === 'throttle') throw invalidValue(['traffic_action'], 'traffic.throttle');
  const limits = staff && (limit.bytes !== undefined || limit.action !== undefined);
  await dbOf(ctx).transaction(async (tx) => {
    const { lockedBy } = await lockForChange(tx, found, { staff });
    if (lockedBy && !staff) throw locked(id);
    await store.updateInstance(tx, id, changes);
    if (changes.name !== undefined) await touchName(ctx, tx, found);
    if (limits) await changeTrafficLimit(ctx, tx, id, limit);
  });
  return getInstance(ctx, id);
};

/**
 * Changes tags from what they are: two requests at once do not undo each other.
 * @returns the tags
 * @throws Fault as `changeInstance`, and those of `to`
 */
export const changeTags = async (
  ctx: ComputeRequest,
  id: string,
  to: (tags: readonly string[]) => readonly string[],
): Promise<readonly string[]> => {
  const found = await findReachable(ctx, id, 'instances.rename');
  const { staff } = callerOf(ctx);
  return dbOf(ctx).transaction(async (tx) => {
    const { lockedBy } = await lockForChange(tx, found, { staff });
    if (lockedBy && !staff) throw locked(id);
    const tags = to((await store.findInstance(tx, id))?.tags ?? []);
    await store.updateInstance(tx, id, { tags });
    return tags;
  });
};

/**
 * Locks or unlocks an instance. A lock binds end users only; they can not remove a lock of staff.
 * @param reason why; without one, that of a lock which is there stays. It goes with the lock.
 * @throws Fault not_found, forbidden, forbidden/client.suspended, conflict/instance.locked
 */
export const lockInstance = async (
  ctx: ComputeRequest,
  id: string,
  lock: boolean,
  reason: string | null = null,
): Promise<void> => {
  const found = await findReachable(ctx, id, lock ? 'instances.lock' : 'instances.unlock');
  const { staff } = callerOf(ctx);
  await dbOf(ctx).transaction(async (tx) => {
    const { lockedBy } = await lockForChange(tx, found, { staff });
    if (!staff && lockedBy === 'staff') throw locked(id);
    await store.setLock(tx, id, {
      lockedBy: lock ? (staff ? 'staff' : (lockedBy ?? 'owner')) : null,
      ...(!(lock && lockedBy && reason === null) && { lockedReason: reason }),
    });
  });
};
