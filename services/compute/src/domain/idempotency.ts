import { conflict, Fault, millis, type Db, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';
import { claimKey, deleteOldKeys, findReply, storeReply, type StoredReply } from '../store/idempotency.js';

/** How long a key is remembered (contract compute T10), and how long a second request waits for the first one's answer. */
const KEPT_MS = 24 * 3_600_000;
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;
export interface IdempotentRequest {
  userId: number;
  key: string;
  /** Hash of method, path and body. */ fingerprint: Buffer;
}
export type { StoredReply };

class Claimed extends Error {}
/**
 * Runs `work` at most once per key and gives its stored answer to whoever repeats the request. The key is claimed in the first
 * transaction that `work` commits: the effect and the claim are there both or neither, also when the process dies. An answer that
 * was lost between the commit and its storing is a conflict, never a second effect. What `work` refuses claims nothing.
 */
export const onceOnly = async (
  ctx: ComputeCtx,
  request: IdempotentRequest,
  work: (db: Db) => Promise<StoredReply>,
): Promise<{ reply: StoredReply; replayed: boolean }> => {
  const since = (): Date => new Date(ctx.clock.now().getTime() - KEPT_MS);
  const known = await findReply(ctx.db, request, since());
  if (known) return { reply: await answerOf(ctx, request, since), replayed: true };
  let claimed = false;
  const claim = async (tx: Tx): Promise<void> => {
    if (!claimed && !(await claimKey(tx, request, ctx.clock.now(), since()))) throw new Claimed();
  };
  const db: Db = {
    ...ctx.db,
    transaction: async (inner) => {
      const result = await ctx.db.transaction(async (tx) => {
        await claim(tx);
        return inner(tx);
      });
      claimed = true;
      return result;
    },
  };
  try {
    const reply = await work(db);
    // Work that wrote nothing is remembered all the same.
    await ctx.db.transaction(async (tx) => {
      await claim(tx);
      await storeReply(tx, request, reply);
    });
    return { reply, replayed: false };
  } catch (err) {
    // Refused perhaps because the first one's effect stands in the way by now: then its answer is ours.
    if (!(err instanceof Claimed) && (claimed || !(await findReply(ctx.db, request, since())))) throw err;
    return { reply: await answerOf(ctx, request, since), replayed: true };
  }
};
const answerOf = async (ctx: ComputeCtx, request: IdempotentRequest, since: () => Date): Promise<StoredReply> => {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    const found = await findReply(ctx.db, request, since());
    if (found && !found.fingerprint.equals(request.fingerprint))
      throw new Fault('precondition', 'idempotency_mismatch', { detail: 'This Idempotency-Key was used with another request.' });
    if (found?.reply) return found.reply;
    if (Date.now() > end || (found && ctx.clock.now().getTime() - millis(found.claimedAt) > PATIENCE_MS))
      throw conflict('busy', { detail: 'The first request with this Idempotency-Key has taken effect but its answer is not there.' });
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
};
export const sweepIdempotency = (ctx: ComputeCtx): Promise<number> => deleteOldKeys(ctx.db, new Date(ctx.clock.now().getTime() - KEPT_MS));
