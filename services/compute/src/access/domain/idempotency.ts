import { inOneTransaction } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { refusal } from '../../refusals.js';
import { claimKey, deleteOldKeys, findReply, storeReply, type StoredReply } from '../store/idempotency.js';
import type { Claim } from './claim.js';

/** How long a key is remembered (contract compute T10). */
const KEPT_MS = 24 * 3_600_000;
export interface IdempotentRequest {
  userId: number;
  key: string;
  /** Hash of everything that decides what the request means. */
  fingerprint: Buffer;
}
export type { StoredReply };

/** Names of secrets in the bodies of OpenStack's face. */
const SECRETS = new Set(['adminPass', 'private_key']);
const withoutSecretFields = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutSecretFields)
    : typeof value === 'object' && value !== null && !Buffer.isBuffer(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([name, one]) => (SECRETS.has(name) ? [] : [[name, withoutSecretFields(one)]])),
        )
      : value;
/** A generated password or key is in the first answer and in no repetition: it is not stored. */
const withoutSecrets = ({ headers, body, ...reply }: StoredReply): StoredReply => {
  const { 'X-Admin-Password': _password, ...rest } = headers;
  return { ...reply, headers: rest, body: withoutSecretFields(body) };
};

class KeyTaken extends Error {}
/**
 * Carries a request out at most once per key; a repeated request gets the stored answer. The claim of the key,
 * everything that `work` writes and the answer are one transaction: a process that dies leaves all of it or nothing. A
 * refused request claims nothing.
 *
 * A second request with the key waits for the commit of the first one. So `work` must not call a peer between its first
 * write and the end: it calls peers before it writes (a repeated request calls them again), or after the commit
 * (`afterCommit`), with a job for the case that the process dies.
 * @param work carries the request out; it writes through `dbOf` of the context that it is given
 * @throws Fault conflict/idempotency.busy, conflict/idempotency.no_answer, precondition/idempotency.mismatch
 */
export const onceOnly = async <C extends ComputeCtx>(
  ctx: C,
  request: IdempotentRequest,
  work: (ctx: C) => Promise<StoredReply>,
): Promise<{ reply: StoredReply; replayed: boolean }> => {
  const since = (): Date => new Date(ctx.clock.now().getTime() - KEPT_MS);
  const known = await knownReply(ctx, request, since());
  if (known) return { reply: known, replayed: true };
  let afterCommit: Claim['afterCommit'] = [];
  try {
    const reply = await inOneTransaction(
      ctx.db,
      (db) => work({ ...ctx, claim: { db, afterCommit: (afterCommit = []) } }),
      {
        begin: async (tx) => {
          if (!(await claimKey(tx, request, ctx.clock.now(), since()))) throw new KeyTaken();
        },
        end: (tx, result) => storeReply(tx, request, withoutSecrets(result)),
      },
    );
    for (const one of afterCommit) await one();
    return { reply, replayed: false };
  } catch (err) {
    // The refusal may come from the effect of the first request, which has been committed meanwhile: then its answer is
    // the right one.
    const first = await knownReply(ctx, request, since());
    if (first) return { reply: first, replayed: true };
    throw err instanceof KeyTaken ? refusal('conflict', 'idempotency.busy') : err;
  }
};
/** @throws Fault precondition/idempotency.mismatch, conflict/idempotency.no_answer */
const knownReply = async (
  ctx: ComputeCtx,
  request: IdempotentRequest,
  since: Date,
): Promise<StoredReply | undefined> => {
  const found = await findReply(ctx.db, request, since);
  if (found && !found.fingerprint.equals(request.fingerprint)) throw refusal('precondition', 'idempotency.mismatch');
  // Early releases stored the answer after the effect: a key without an answer is from one that died in between.
  if (found && !found.reply) throw refusal('conflict', 'idempotency.no_answer');
  return found?.reply;
};
/** Deletes a batch of the keys that are no longer remembered. @returns how many */
export const sweepIdempotency = (ctx: ComputeCtx): Promise<number> =>
  deleteOldKeys(ctx.db, new Date(ctx.clock.now().getTime() - KEPT_MS));
