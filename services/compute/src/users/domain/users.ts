import { unknownKey } from '../../refusals.js';
import { enqueue, ensureJob, Fault, invalid, notFound, type Queryable, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { afterCommit, dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import { missingClients, setClients } from '../store/memberships.js';
import { auditIdsOf } from '../store/tokens.js';
import {
  findUser,
  hideUser,
  listPendingUsers,
  lockUser,
  pageOfUsers,
  removeUser,
  updateUser,
  type User,
  type UserChanges,
} from '../store/users.js';
import { ACTIVATE, activateNewUser, prepareUser, storeUser, type NewUser } from './new-users.js';
import { succeededUnlessProtected } from './protected.js';
import { demandAbove, demandMayChange, demandMayCreate, demandUnrestricted } from './ranks.js';
import { changeWithState, recordStateChange, type Approval } from './user-states.js';

export type { User };
const DELETE = 'user.delete';

/** @throws Fault not_found/page, invalid/filter */
export const listUsers = (ctx: ComputeCtx, query: Query): Promise<Page<User>> => pageOfUsers(dbOf(ctx), query);
/**
 * The refusal for a user who is deleted. The caller may have been deleted since the request began: then nobody is
 * signed in.
 */
export const deletedUser = (ctx: ComputeCtx, id: number): Fault =>
  ctx.caller?.userId === id ? new Fault('unauthenticated', 'user_inactive') : notFound('user.not_found');
/** @throws Fault not_found; unauthenticated for the caller */
export const getUser = async (ctx: ComputeCtx, id: number): Promise<User> => {
  const found = await findUser(dbOf(ctx), id);
  if (!found || found.deleted) throw deletedUser(ctx, id);
  return found;
};

const demandClients = async (q: Queryable, clients: readonly number[] | undefined): Promise<void> => {
  const missing = clients ? await missingClients(q, clients) : [];
  if (missing.length) throw invalid(missing.map((pk) => unknownKey(['clients'], pk)));
};
const setClientsAndPublish = async (ctx: ComputeCtx, tx: Tx, id: number, clients: readonly number[]): Promise<void> => {
  for (const client of await setClients(tx, id, clients))
    await publishAccount(tx, client, 'account.updated', ctx.clock.now());
};
/** @throws Fault forbidden, invalid, unavailable */
export const createUser = async (ctx: ComputeCtx, wanted: NewUser, clients: readonly number[] = []): Promise<User> => {
  // What can be refused here is refused before identity makes the user.
  demandMayCreate(ctx, wanted);
  await demandClients(dbOf(ctx), clients);
  const user = await prepareUser(ctx, wanted, []);
  const id = await dbOf(ctx).transaction(async (tx) => {
    await demandClients(tx, clients);
    const newId = await storeUser(tx, user, []);
    await setClientsAndPublish(ctx, tx, newId, clients);
    return newId;
  });
  await afterCommit(ctx, () => activateNewUser(ctx, id));
  return getUser(ctx, id);
};
/** Locks a user who is not deleted. @throws Fault not_found */
const lockExisting = async (tx: Tx, id: number): Promise<User> => {
  const user = await lockUser(tx, id);
  if (!user || user.deleted) throw notFound('user.not_found');
  return user;
};
/**
 * Changes the user. An inactive user is refused here at once, and at identity for all services. A refused request
 * changes nothing.
 * @throws Fault not_found, invalid, forbidden, conflict/user.rejected
 */
export const changeUser = async (
  ctx: ComputeCtx,
  id: number,
  changes: UserChanges,
  clients?: readonly number[],
): Promise<User> => {
  const active = changes.isActive;
  const change = async (tx: Tx, approval?: Approval): Promise<User> => {
    const before = await lockExisting(tx, id);
    demandMayChange(ctx, before, { ...changes, clients });
    await demandClients(tx, clients);
    await updateUser(tx, id, changes.externalBillingId === '' ? { ...changes, externalBillingId: null } : changes);
    if (approval || (active !== undefined && active !== before.isActive)) await recordStateChange(tx, before, approval);
    if (clients) await setClientsAndPublish(ctx, tx, id, clients);
    await notifyCaller(tx, before.uuid);
    return (await findUser(tx, id)) as User;
  };
  const user = await (active === undefined
    ? dbOf(ctx).transaction((tx) => change(tx))
    : changeWithState(ctx, id, active, change));
  ctx.callers.drop(user.uuid);
  return user;
};
/**
 * Deletes the user here at once. Identity is told after the commit; a job repeats this until identity has answered.
 * @throws Fault not_found, forbidden
 */
export const deleteUser = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await dbOf(ctx).transaction(async (tx) => {
    const found = await lockExisting(tx, id);
    demandUnrestricted(ctx);
    demandAbove(ctx, found);
    await hideUser(tx, id, ctx.clock.now());
    for (const client of found.clientIds) await publishAccount(tx, client, 'account.updated', ctx.clock.now());
    await notifyCaller(tx, found.uuid);
    await enqueue(tx, DELETE, { id }, { key: `${DELETE}:${id}` });
    return found;
  });
  ctx.callers.drop(user.uuid);
  await finishDeleteUser(ctx, id).catch((err: unknown) => {
    ctx.log.warn({ err, user: id }, 'identity could not be told of a deleted user; a job tells it');
  });
};
/**
 * The job `user.delete`: has identity delete the user, then removes the row. A user whom identity did not get from the
 * portal, or who is an administrator there, stays there; only the portal's tokens are revoked.
 */
export const finishDeleteUser = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await findUser(ctx.db, id);
  if (!user?.deleted) return;
  if (!user.madeHere || !(await succeededUnlessProtected(ctx.identity.deleteUser(user.uuid)))) {
    for (const auditId of await auditIdsOf(ctx.db, id))
      await succeededUnlessProtected(ctx.identity.revokeToken(auditId));
    ctx.log.info({ user: id, uuid: user.uuid }, 'a user is deleted in the portal and stays at identity');
  }
  await removeUser(ctx.db, id);
};
/** Enqueues the job of every user whom identity has to let in or to delete. @returns how many there are */
export const sweepUsers = async (ctx: ComputeCtx): Promise<number> => {
  const rows = await listPendingUsers(ctx.db, 1000);
  for (const { id, deleted } of rows) {
    const task = deleted ? DELETE : ACTIVATE;
    await ctx.db.transaction((tx) => ensureJob(tx, task, { id }, { key: `${task}:${id}` }));
  }
  return rows.length;
};
