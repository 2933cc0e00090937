import { conflict, Fault, jointly } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { claimKey, deleteOldKeys, findReply, storeReply, type StoredReply } from '../store/idempotency.js';

/** How long a key is remembered (contract compute T10). */
const KEPT_MS = 24 * 3_600_000;
export interface IdempotentRequest {
  userId: number;
  key: string;
  /** Hash of method, path and body. */ fingerprint: Buffer;
}
export type { StoredReply };

class Claimed extends Error {}
/**
 * Runs `work` at most once per key and gives its stored answer to whoever repeats the request. The claim of the key, everything that `work`
 * writes, and its answer are one transaction: a process that dies leaves all of it or nothing. What `work` refuses claims nothing. A second
 * request with the key waits for the first one's commit, which waits for no peer: what does is done before it, so that a repetition does
 * it again, or after it (see `afterCommit`), by a job when the process dies.
 */
export const onceOnly = async <C extends ComputeCtx>(
  ctx: C,
  request: IdempotentRequest,
  work: (ctx: C) => Promise<StoredReply>,
): Promise<{ reply: StoredReply; replayed: boolean }> => {
  const since = (): Date => new Date(ctx.clock.now().getTime() - KEPT_MS);
  const known = await knownReply(ctx, request, since());
  if (known) return { reply: known, replayed: true };
  let afterCommit: NonNullable<ComputeCtx['afterCommit']> = [];
  try {
    const reply = await jointly(ctx.db, (db) => work({ ...ctx, db, afterCommit: (afterCommit = []) }), {
      begin: async (tx) => {
        if (!(await claimKey(tx, request, ctx.clock.now(), since()))) throw new Claimed();
      },
      end: (tx, result) => storeReply(tx, request, result),
    });
    for (const one of afterCommit) await one();
    return { reply, replayed: false };
  } catch (err) {
    // Refused perhaps because the first one's effect stands in the way by now: then its answer is ours.
    const first = await knownReply(ctx, request, since());
    if (first) return { reply: first, replayed: true };
    throw err instanceof Claimed
      ? conflict('busy', { detail: 'A request with this Idempotency-Key is being carried out.' })
      : err;
  }
};
/** @throws Fault precondition/idempotency_mismatch */
const knownReply = async (
  ctx: ComputeCtx,
  request: IdempotentRequest,
  since: Date,
): Promise<StoredReply | undefined> => {
  const found = await findReply(ctx.db, request, since);
  if (found && !found.fingerprint.equals(request.fingerprint))
    throw new Fault('precondition', 'idempotency_mismatch', {
      detail: 'This Idempotency-Key was used with another request.',
    });
  // Only releases that stored the answer after the effect left a key without one.
  if (found && !found.reply)
    throw conflict('busy', {
      detail: 'The first request with this Idempotency-Key has taken effect but its answer is not there.',
    });
  return found?.reply;
};
export const sweepIdempotency = (ctx: ComputeCtx): Promise<number> =>
  deleteOldKeys(ctx.db, new Date(ctx.clock.now().getTime() - KEPT_MS));
