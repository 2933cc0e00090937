import { enqueue, Fault, hurryJobs, type Queryable, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import type { UserState } from '../../ports/identity.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { findUser, setActivated } from '../store/users.js';
import {
  applyStates,
  endSessionsOfInactive,
  findState,
  keepFormer,
  listUntoldStates,
  markAgreed,
  markChanged,
  markTold,
  takeBack,
  type StateRow,
} from '../store/user-states.js';

/**
 * Whether a user may sign in is identity's to decide. It is asked before a change is made here, so that what it refuses changes nothing.
 * While it is silent the change takes effect here alone, and a job tells it; what identity decides by itself is read from it every two
 * seconds. So is what it agreed to for a request that died before it changed anything here.
 */
const STATE = 'user.state';
const job = (tx: Tx, id: number): Promise<unknown> => enqueue(tx, STATE, { id }, { key: `${STATE}:${id}` });

/** The number by which identity agreed, and since when it is so there. */
export interface Agreed {
  sequence: number;
  at: string | null;
}
/** In the transaction that changes `is_active`. */
export const stateChanged = async (
  tx: Tx,
  { id, uuid }: { id: number; uuid: string },
  agreed?: Agreed,
): Promise<void> => {
  await endSessionsOfInactive(tx, [uuid]);
  if (agreed && (await markAgreed(tx, id, agreed.sequence, agreed.at))) return;
  await markChanged(tx, id);
  await job(tx, id);
};
/** Lets a user in at identity, the job's step; again changes nothing. */
export const activateUser = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await findUser(dbOf(ctx), id);
  if (!user || user.activated || user.deleted || !user.is_active) return;
  await ctx.identity.activateUser(user.uuid);
  await setActivated(dbOf(ctx), id);
};
/** @returns null when identity does not know the user: nobody is there whose tokens could pass */
const setState = (ctx: ComputeCtx, uuid: string, active: boolean, sequence: number): Promise<UserState | null> =>
  ctx.identity.setUserState(uuid, active, sequence).catch((err: unknown) => {
    if (err instanceof Fault && err.kind === 'not_found') return null;
    throw err;
  });
/** Takes over what identity says, after `first` in the same transaction. @returns how many users it changed */
const takeOver = async (
  ctx: ComputeCtx,
  states: readonly UserState[],
  first?: (tx: Tx) => Promise<unknown>,
): Promise<number> => {
  const uuids = await dbOf(ctx).transaction(async (tx) => {
    await first?.(tx);
    const done = await applyStates(tx, states);
    await endSessionsOfInactive(tx, done);
    for (const uuid of done) await notifyCaller(tx, uuid);
    return done;
  });
  for (const uuid of uuids) ctx.callers.drop(uuid);
  return uuids.length;
};
const tell = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await findState(dbOf(ctx), id);
  if (!user || user.told || user.deleted) return;
  if (!user.activated) {
    // Identity has not let this user in yet; who became inactive before that is not let in at all.
    if (user.is_active) await activateUser(ctx, id);
    await markTold(dbOf(ctx), id, user.sequence, null);
    return;
  }
  const state = await setState(ctx, user.uuid, user.is_active, user.sequence);
  const told = (tx: Queryable): Promise<unknown> => markTold(tx, id, user.sequence, state?.changed_at ?? null);
  // Identity knows of something newer, for example after this database was put back to an older state.
  if (!state || state.is_active === user.is_active) {
    await told(dbOf(ctx));
    return;
  }
  const changed = await takeOver(ctx, [state], told);
  if (changed)
    ctx.log.warn({ user: id, is_active: state.is_active }, 'identity has a newer state of a user: it counts here, too');
};
const refused = (err: unknown): err is Fault =>
  err instanceof Fault && (err.kind === 'forbidden' || err.kind === 'conflict');

const undo = async (ctx: ComputeCtx, { id, uuid, sequence }: StateRow): Promise<void> => {
  await dbOf(ctx).transaction(async (tx) => {
    await takeBack(tx, id, sequence);
    await endSessionsOfInactive(tx, [uuid]);
    await notifyCaller(tx, uuid);
  });
  ctx.callers.drop(uuid);
};
/**
 * The job's step. Who is rejected at identity becomes inactive here again. Who was made inactive here and is an administrator there stays so here:
 * an administrator has to follow there.
 */
export const tellState = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const before = await findState(dbOf(ctx), id);
  try {
    await tell(ctx, id);
  } catch (err) {
    if (!before || !refused(err)) throw err;
    ctx.log.warn({ err, user: id }, 'identity refuses the state of a user: an administrator has to settle it there');
    if (err.kind === 'conflict') await undo(ctx, before);
    // The state stays; what identity says from now on counts again.
    else await markTold(dbOf(ctx), id, before.sequence, ctx.clock.now().toISOString());
  }
};
/** Right after a commit, for whom identity was not asked before it. */
export const settleState = (ctx: ComputeCtx, id: number): Promise<void> =>
  tellState(ctx, id).catch((err: unknown) => {
    ctx.log.warn({ err, user: id }, 'identity did not hear of a changed user yet; the job tells it');
  });

/**
 * Whether identity agrees to a change of `is_active` that is not made here yet.
 * @returns undefined when it is silent, or has heard something newer: the job tells it after the change
 * @throws Fault forbidden, conflict: what identity said
 */
const ask = async (ctx: ComputeCtx, { uuid, next }: StateRow, active: boolean): Promise<Agreed | undefined> => {
  try {
    const state = await setState(ctx, uuid, active, next);
    return state && state.is_active !== active ? undefined : { sequence: next, at: state?.changed_at ?? null };
  } catch (err) {
    if (refused(err))
      throw err.kind === 'forbidden'
        ? err
        : new Fault('conflict', 'invalid_state', { detail: 'Identity has refused this user.' });
    ctx.log.warn({ err, user: uuid }, 'identity did not hear of a changed user yet; the job tells it');
    return undefined;
  }
};
class Rehearsed extends Error {}
/**
 * Changes a user whose `is_active` is to become `active`: `change` is tried and rolled back, so that nothing is refused here after identity
 * has agreed; then identity is asked, and the change is made. No lock is held meanwhile.
 */
export const changeWithState = async <T>(
  ctx: ComputeCtx,
  id: number,
  active: boolean,
  change: (tx: Tx, agreed?: Agreed) => Promise<T>,
): Promise<T> => {
  const before = await findState(dbOf(ctx), id);
  if (!before || before.deleted || !before.activated || before.is_active === active) {
    const done = await dbOf(ctx).transaction((tx) => change(tx));
    await settleState(ctx, id);
    return done;
  }
  await dbOf(ctx)
    .transaction(async (tx) => {
      await change(tx);
      throw new Rehearsed();
    })
    .catch((err: unknown) => {
      if (!(err instanceof Rehearsed)) throw err;
    });
  const agreed = await ask(ctx, before, active);
  try {
    return await dbOf(ctx).transaction((tx) => change(tx, agreed));
  } catch (err) {
    // Somebody was faster, with an id that only one may have. When not even this works, what identity says is taken over.
    await dbOf(ctx)
      .transaction(async (tx) => {
        if (await keepFormer(tx, before)) await job(tx, id);
      })
      .catch((failure: unknown) => {
        ctx.log.warn({ err: failure, user: id }, 'a refused change of a user could not be taken back at identity');
      });
    throw err;
  }
};
/** @returns how many users identity has to hear of */
export const sweepStates = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listUntoldStates(dbOf(ctx), 1000);
  for (const id of ids) await dbOf(ctx).transaction((tx) => job(tx, id));
  return ids.length;
};

/** Jobs that tell identity something. They do not wait out their pauses once it answers again: a revoked token must not live on there. */
const TELL_IDENTITY = [STATE, 'user.activate', 'user.delete', 'session.close', 'token.revoke'];
const PAGE = 500;
const START_MS = 15_000;
/** An attempt that began before identity was back may fail after the first hurry. It is over by then: a call takes five seconds at most. */
const ONCE_MORE_MS = 15_000;
/** Changes become visible in another order than they were made: what is this much older than the last one seen is read again. */
const OVERLAP_MS = 60_000;
/** Reads what identity changed since the last time; the first time, everything. One of these per process. */
export const createStateReader = (
  ctx: ComputeCtx,
  onceMoreMs = ONCE_MORE_MS,
): (() => Promise<number | 'identity is away'>) => {
  let newest: string | undefined;
  let away = false;
  let told = false;
  let hurryAt = Infinity;
  // Services are started together: identity may need a moment more than we do.
  const patient = performance.now() + START_MS;
  const read = async (): Promise<number> => {
    let changed = 0;
    let from: { after?: string; after_uuid?: string } =
      newest === undefined ? {} : { after: new Date(Date.parse(newest) - OVERLAP_MS).toISOString() };
    for (;;) {
      const states = await ctx.identity.userStates({ ...from, limit: PAGE });
      const last = states.at(-1);
      if (!last) return changed;
      changed += await takeOver(ctx, states);
      if (newest === undefined || Date.parse(last.changed_at) > Date.parse(newest)) newest = last.changed_at;
      if (states.length < PAGE) return changed;
      from = { after: last.changed_at, after_uuid: last.uuid };
    }
  };
  return async () => {
    try {
      const changed = await read();
      if (away || performance.now() >= hurryAt) {
        await hurryJobs(dbOf(ctx), TELL_IDENTITY);
        hurryAt = away ? performance.now() + onceMoreMs : Infinity;
      }
      if (told) ctx.log.info('identity is asked again who is active');
      away = told = false;
      return changed;
    } catch (err) {
      if (!(err instanceof Fault && err.kind === 'unavailable')) throw err;
      away = true;
      // Once, not every two seconds.
      if (!told && !err.params.told && (newest !== undefined || performance.now() > patient)) {
        ctx.log.warn({ err }, 'identity can not be asked who is active; it is asked again until it answers');
        told = true;
      }
      return 'identity is away';
    }
  };
};
