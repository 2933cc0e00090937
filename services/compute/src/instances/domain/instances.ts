import { notFound } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { shareHold } from '../../owners/domain/owners.js';
import {
  findInstance,
  instanceList,
  liveOf,
  ownInstanceList,
  setLock,
  updateInstance,
  type Changes,
  type InstanceRow,
} from '../store/instances.js';
import { findState, lockState } from '../../operations/domain/state.js';
import { selectPage } from '../../lists/select-page.js';
import { listOperationsOn, type OperationRow } from '../../operations/domain/operations.js';
import { callerOf, maySee, visibleClients } from '../../access/domain/caller.js';
import { UUID } from '../../lists/uuid.js';
import type { Caller } from '../../access/domain/callers.js';
import { clientSuspended, locked } from '../../operations/domain/faults.js';
import { allowedActions } from '../../operations/instance-states.js';
import { planList, readListQuery, type Page, type Query } from '../../lists/list-query.js';
import { demand, permissionsOf, type Permission } from '../../access/domain/permissions.js';

export type { InstanceRow } from '../store/instances.js';
/** An instance with what may be done to it. */
export type ShownInstance = InstanceRow & { allowed_actions: string[] };

const shown =
  (ctx: ComputeCtx, caller: Caller) =>
  (row: InstanceRow): ShownInstance => ({
    ...row,
    allowed_actions: allowedActions(row.vm_state, row.task_state, {
      staff: caller.staff,
      can: ctx.drivers.of(row.region_id).capabilities.offers,
    }),
  });

/** Instances that the caller may see, and which of the 30 permissions the caller has. */
export const listInstances = async (
  ctx: ComputeRequest,
  query: Query,
  acting?: string,
): Promise<{ page: Page<ShownInstance>; permissions: Record<Permission, boolean> }> => {
  const caller = callerOf(ctx);
  const list = caller.staff ? instanceList : ownInstanceList;
  const page = await selectPage<InstanceRow>(
    dbOf(ctx),
    planList(list, readListQuery(list, query), liveOf(visibleClients(caller, acting))),
  );
  return { page: { ...page, rows: page.rows.map(shown(ctx, caller)) }, permissions: permissionsOf(caller) };
};

/** @throws Fault not_found for what is not there, was deleted, or is another client's */
export const getInstance = async (ctx: ComputeRequest, id: string): Promise<ShownInstance> => {
  const caller = callerOf(ctx);
  const row = UUID.test(id) ? await findInstance(dbOf(ctx), id) : undefined;
  if (!row || !maySee(caller, row.client_id)) throw notFound();
  return shown(ctx, caller)(row);
};

/** What was done to an instance, newest first. @throws Fault not_found */
export const listHistory = async (ctx: ComputeRequest, id: string, query: Query): Promise<Page<OperationRow>> => {
  await getInstance(ctx, id);
  return listOperationsOn(ctx, id, query);
};

/** The state of an instance that the caller may see and has the permission for; in that order. @throws Fault not_found, forbidden */
export const reachInstance = async (ctx: ComputeRequest, id: string, permission: Permission) => {
  const caller = callerOf(ctx);
  const now = UUID.test(id) ? await findState(dbOf(ctx), id) : undefined;
  if (!now || !maySee(caller, now.client_id)) throw notFound();
  demand(caller, permission);
  return now;
};

/** Name, description, tags and delete protection; the driver need not know. @throws Fault not_found, forbidden/client_suspended, conflict/locked */
export const changeInstance = async (ctx: ComputeRequest, id: string, changes: Changes): Promise<ShownInstance> => {
  const { client_id: clientId } = await reachInstance(ctx, id, 'instances.rename');
  const { staff } = callerOf(ctx);
  await dbOf(ctx).transaction(async (tx) => {
    if (!staff && (await shareHold(tx, clientId))) throw clientSuspended();
    const now = await lockState(tx, id);
    if (!now) throw notFound();
    if (now.locked_by && !staff) throw locked(id);
    await updateInstance(tx, id, changes);
  });
  return getInstance(ctx, id);
};

/** A lock binds end users only; what staff has locked an end user can not unlock. @throws Fault not_found, forbidden/client_suspended, conflict/locked */
export const lockInstance = async (ctx: ComputeRequest, id: string, lock: boolean): Promise<void> => {
  const { client_id: clientId } = await reachInstance(ctx, id, lock ? 'instances.lock' : 'instances.unlock');
  const { staff } = callerOf(ctx);
  await dbOf(ctx).transaction(async (tx) => {
    if (!staff && (await shareHold(tx, clientId))) throw clientSuspended();
    const now = await lockState(tx, id);
    if (!now) throw notFound();
    if (!staff && now.locked_by === 'staff') throw locked(id);
    await setLock(tx, id, lock ? (staff ? 'staff' : (now.locked_by ?? 'owner')) : null);
  });
};
