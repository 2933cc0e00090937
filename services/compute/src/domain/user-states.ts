import { enqueue, Fault, hurryJobs, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';
import { notifyCaller } from '../store/callers.js';
import { findUser, setActivated } from '../store/users.js';
import { applyStates, findState, listUntoldStates, markChanged, markTold, takeBack, type StateRow } from '../store/user-states.js';

/**
 * Whether a user may sign in is identity's to decide. A change made here takes effect here at once, identity is told right after, and by a
 * job until it has heard; what identity decides by itself is read from it every two seconds.
 */
const STATE = 'user.state';
const job = (tx: Tx, id: number): Promise<unknown> => enqueue(tx, STATE, { id }, { key: `${STATE}:${id}` });

/** In the transaction that changed `is_active`. */
export const stateChanged = async (tx: Tx, id: number): Promise<void> => {
  await markChanged(tx, id);
  await job(tx, id);
};
/** Lets a user in at identity, the job's step; again changes nothing. */
export const activateUser = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await findUser(ctx.db, id);
  if (!user || user.activated || user.deleted || !user.is_active) return;
  await ctx.identity.activateUser(user.uuid);
  await setActivated(ctx.db, id);
};
const tell = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const user = await findState(ctx.db, id);
  if (!user || user.told || user.deleted) return;
  if (!user.activated) {
    // Identity has not let this user in yet; who became inactive before that is not let in at all.
    if (user.is_active) await activateUser(ctx, id);
    await markTold(ctx.db, id, user.sequence, null);
    return;
  }
  const at = await ctx.identity.setUserState(user.uuid, user.is_active, user.sequence).catch((err: unknown) => {
    if (err instanceof Fault && err.kind === 'not_found') return null; // nobody there whose tokens could pass
    throw err;
  });
  await markTold(ctx.db, id, user.sequence, at);
};
const refused = (err: unknown): err is Fault => err instanceof Fault && (err.kind === 'forbidden' || err.kind === 'conflict');

const undo = async (ctx: ComputeCtx, { id, uuid, sequence }: StateRow): Promise<void> => {
  await ctx.db.transaction(async (tx) => {
    await takeBack(tx, id, sequence);
    await notifyCaller(tx, uuid);
  });
  ctx.callers.drop(uuid);
};
/** Right after the commit. What identity refuses is taken back here. @throws Fault forbidden, conflict: what identity said */
export const settleState = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const before = await findState(ctx.db, id);
  try {
    await tell(ctx, id);
  } catch (err) {
    if (before && refused(err)) {
      await undo(ctx, before);
      throw err.kind === 'forbidden' ? err : new Fault('conflict', 'invalid_state', { detail: 'Identity has refused this user.' });
    }
    ctx.log.warn({ err, user: id }, 'identity did not hear of a changed user yet; the job tells it');
  }
};
/**
 * The job's step. Who is rejected at identity becomes inactive here again. Who was made inactive here and is an administrator there stays so here:
 * an administrator has to follow there.
 */
export const tellState = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const before = await findState(ctx.db, id);
  try {
    await tell(ctx, id);
  } catch (err) {
    if (!before || !refused(err)) throw err;
    ctx.log.warn({ err, user: id }, 'identity refuses the state of a user: an administrator has to settle it there');
    if (err.kind === 'conflict') await undo(ctx, before);
  }
};
/** @returns how many users identity has to hear of */
export const sweepStates = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listUntoldStates(ctx.db, 1000);
  for (const id of ids) await ctx.db.transaction((tx) => job(tx, id));
  return ids.length;
};

/** Jobs that tell identity something. They do not wait out their pauses once it answers again: a revoked token must not live on there. */
const TELL_IDENTITY = [STATE, 'user.activate', 'user.delete', 'session.close', 'token.revoke'];
const PAGE = 500;
/** Changes become visible in another order than they were made: what is this much older than the last one seen is read again. */
const OVERLAP_MS = 60_000;
/** Reads what identity changed since the last time; the first time, everything. One of these per process. */
export const createStateReader = (ctx: ComputeCtx): (() => Promise<number | 'identity is away'>) => {
  let newest: string | undefined;
  let away = false;
  const read = async (): Promise<number> => {
    let changed = 0;
    let from: { after?: string; after_uuid?: string } = newest === undefined ? {} : { after: new Date(Date.parse(newest) - OVERLAP_MS).toISOString() };
    for (;;) {
      const states = await ctx.identity.userStates({ ...from, limit: PAGE });
      const last = states.at(-1);
      if (!last) return changed;
      const uuids = await ctx.db.transaction(async (tx) => {
        const done = await applyStates(tx, states);
        for (const uuid of done) await notifyCaller(tx, uuid);
        return done;
      });
      for (const uuid of uuids) ctx.callers.drop(uuid);
      changed += uuids.length;
      if (newest === undefined || Date.parse(last.changed_at) > Date.parse(newest)) newest = last.changed_at;
      if (states.length < PAGE) return changed;
      from = { after: last.changed_at, after_uuid: last.uuid };
    }
  };
  return async () => {
    try {
      const changed = await read();
      if (away) await hurryJobs(ctx.db, TELL_IDENTITY);
      away = false;
      return changed;
    } catch (err) {
      if (!(err instanceof Fault && err.kind === 'unavailable')) throw err;
      // Once, not every two seconds.
      if (!away) ctx.log.warn({ err }, 'identity can not be asked who is active; it is asked again until it answers');
      away = true;
      return 'identity is away';
    }
  };
};
