import { enqueue, ensureJob, Fault, type Queryable, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { UserState } from '../../ports/identity.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { dbOf } from '../../access/domain/claim.js';
import { refusal } from '../../refusals.js';
import {
  applyStates,
  endSessionsOfInactive,
  findState,
  restorePrevious,
  listUnknownStates,
  markAgreed,
  markChanged,
  markKnown,
  revertChange,
  type UserStateRow,
} from '../store/user-states.js';
import { findUser, setActivated } from '../store/users.js';

// Whether a user may sign in is for identity to decide. It is asked before a change is made here, so that a change that
// it refuses is not made. While it does not answer, the change is made here alone and a job tells identity. Changes
// that identity makes by itself are read from it every two seconds (state-reader.ts); so are those it agreed to for a
// request whose process died before the change was made here.

const STATE = 'user.state';
const enqueueState = (tx: Tx, id: number): Promise<void> => enqueue(tx, STATE, { id }, { key: `${STATE}:${id}` });

/** Identity's agreement to a change. */
export interface Approval {
  /** The number of the change. */
  sequence: number;
  /** When identity made it; null: it had nothing to change. */
  at: string | null;
}
/**
 * Ends sessions of an inactive user and enqueues the job that tells identity. Call it after the change, in the same
 * transaction.
 */
export const recordStateChange = async (
  tx: Tx,
  { id, uuid }: { id: number; uuid: string },
  approval?: Approval,
): Promise<void> => {
  await endSessionsOfInactive(tx, [uuid]);
  if (approval && (await markAgreed(tx, id, approval.sequence, approval.at))) return;
  await markChanged(tx, id);
  await enqueueState(tx, id);
};
/** The job `user.activate`: asks identity to admit a new user. Repeated, it changes nothing. */
export const activateUser = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await findUser(ctx.db, id);
  if (!user || user.activated || user.deleted || !user.isActive) return;
  await ctx.identity.activateUser(user.uuid);
  await setActivated(ctx.db, id);
};
/** @returns null when identity does not know the user: then there are no tokens that could be valid */
const setStateAtIdentity = (
  ctx: ComputeCtx,
  uuid: string,
  active: boolean,
  sequence: number,
): Promise<UserState | null> =>
  ctx.identity.setUserState(uuid, active, sequence).catch((err: unknown) => {
    if (err instanceof Fault && err.kind === 'not_found') return null;
    throw err;
  });
/**
 * Takes over states from identity.
 * @param before runs first, in the same transaction
 * @returns how many users it changed
 */
export const takeOverStates = async (
  ctx: ComputeCtx,
  states: readonly UserState[],
  before?: (tx: Tx) => Promise<unknown>,
): Promise<number> => {
  const uuids = await ctx.db.transaction(async (tx) => {
    await before?.(tx);
    const changed = await applyStates(tx, states);
    await endSessionsOfInactive(tx, changed);
    for (const uuid of changed) await notifyCaller(tx, uuid);
    return changed;
  });
  for (const uuid of uuids) ctx.callers.drop(uuid);
  return uuids.length;
};
const sendStateToIdentity = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await findState(ctx.db, id);
  if (!user || user.known || user.deleted) return;
  if (!user.activated) {
    // Identity has not let this user in yet. A user who became inactive before that is not let in at all.
    if (user.isActive) await activateUser(ctx, id);
    await markKnown(ctx.db, id, user.sequence, null);
    return;
  }
  const state = await setStateAtIdentity(ctx, user.uuid, user.isActive, user.sequence);
  const noteKnown = (q: Queryable): Promise<unknown> => markKnown(q, id, user.sequence, state?.changedAt ?? null);
  if (!state || state.isActive === user.isActive) {
    await noteKnown(ctx.db);
    return;
  }
  // Identity knows of a newer change, for example after this database was restored from a backup.
  const changed = await takeOverStates(ctx, [state], noteKnown);
  if (changed)
    ctx.log.warn({ user: id, is_active: state.isActive }, 'identity has a newer state of a user: it is taken over');
};
const isRefusal = (err: unknown): err is Fault =>
  err instanceof Fault && (err.kind === 'forbidden' || err.kind === 'conflict');

const undoChange = async (ctx: ComputeCtx, { id, uuid, sequence }: UserStateRow): Promise<void> => {
  await ctx.db.transaction(async (tx) => {
    await revertChange(tx, id, sequence);
    await endSessionsOfInactive(tx, [uuid]);
    await notifyCaller(tx, uuid);
  });
  ctx.callers.drop(uuid);
};
/**
 * The job `user.state`: tells identity of a change. A user whom identity has rejected becomes inactive here again. A
 * user who was made inactive here and is an administrator at identity stays inactive here; an administrator has to make
 * the change there.
 */
export const sendState = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const before = await findState(ctx.db, id);
  try {
    await sendStateToIdentity(ctx, id);
  } catch (err) {
    if (!before || !isRefusal(err)) throw err;
    ctx.log.warn({ err, user: id }, 'identity refuses the state of a user: an administrator has to settle it there');
    if (err.kind === 'conflict') await undoChange(ctx, before);
    // The state stays as it is here, until identity makes a change.
    else await markKnown(ctx.db, id, before.sequence, ctx.clock.now().toISOString());
  }
};
const logNotDelivered = (ctx: ComputeCtx, err: unknown, user: number | string): void =>
  ctx.log.warn({ err, user }, 'identity could not be told of a changed user; a job tells it');

/**
 * Asks identity whether it agrees to a change of `is_active` that is not made here yet.
 * @returns undefined when it does not answer or knows of a newer change: a job tells it after the change
 * @throws Fault forbidden, conflict/user.rejected: it refuses
 */
const askIdentity = async (
  ctx: ComputeCtx,
  { uuid, next }: UserStateRow,
  active: boolean,
): Promise<Approval | undefined> => {
  try {
    const state = await setStateAtIdentity(ctx, uuid, active, next);
    return state && state.isActive !== active ? undefined : { sequence: next, at: state?.changedAt ?? null };
  } catch (err) {
    if (isRefusal(err)) throw err.kind === 'forbidden' ? err : refusal('conflict', 'user.rejected');
    logNotDelivered(ctx, err, uuid);
    return undefined;
  }
};
class RolledBack extends Error {}
/** Runs the change and rolls it back. @throws what the change throws */
const rehearse = (ctx: ComputeCtx, change: (tx: Tx) => Promise<unknown>): Promise<void> =>
  dbOf(ctx)
    .transaction<void>(async (tx) => {
      await change(tx);
      throw new RolledBack();
    })
    .catch((err: unknown) => {
      if (!(err instanceof RolledBack)) throw err;
    });
/**
 * Changes a user whose `is_active` is to become `active`. The change is rehearsed first, so that nothing here refuses
 * it after identity has agreed; then identity is asked; then the change is made. No lock is held while identity is
 * asked.
 * @param change makes the change; it runs more than once
 */
export const changeWithState = async <T>(
  ctx: ComputeCtx,
  id: number,
  active: boolean,
  change: (tx: Tx, approval?: Approval) => Promise<T>,
): Promise<T> => {
  const before = await findState(dbOf(ctx), id);
  if (!before || before.deleted || !before.activated || before.isActive === active) {
    const result = await dbOf(ctx).transaction((tx) => change(tx));
    await sendState(ctx, id).catch((err: unknown) => logNotDelivered(ctx, err, id));
    return result;
  }
  await rehearse(ctx, change);
  const approval = await askIdentity(ctx, before, active);
  try {
    return await dbOf(ctx).transaction((tx) => change(tx, approval));
  } catch (err) {
    // Another request has taken a unique value meanwhile. If the correction fails too, what identity has is taken over
    // by the reader.
    await dbOf(ctx)
      .transaction(async (tx) => {
        if (await restorePrevious(tx, before)) await enqueueState(tx, id);
      })
      .catch((failure: unknown) => {
        ctx.log.warn({ err: failure, user: id }, 'a refused change of a user could not be taken back at identity');
      });
    throw err;
  }
};
/** Enqueues the job of every user of whose change identity does not know. @returns how many there are */
export const sweepStates = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listUnknownStates(ctx.db, 1000);
  for (const id of ids) await ctx.db.transaction((tx) => ensureJob(tx, STATE, { id }, { key: `${STATE}:${id}` }));
  return ids.length;
};
