import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { VerifierUnavailable } from '@nefos/auth';
import { enqueue, unavailable } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import type { Caller } from '../../access/domain/callers.js';
import { dbOf } from '../../access/domain/claim.js';
import { findClientNames } from '../store/memberships.js';
import { deleteExpiredSessions, deleteSession, findSession, insertSession } from '../store/sessions.js';
import type { User } from '../store/users.js';

/** How long a browser stays signed in. */
export const SESSION_SECONDS = 14 * 24 * 3600;
const CLOSE = 'session.close';
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();
const same = (one: string, other: string): boolean => timingSafeEqual(hashOf(one), hashOf(other));

export interface Session {
  caller: Caller;
  /** Public name of the session at identity. */
  auditId: string;
  csrfMatches(sent: string): boolean;
}
/**
 * The session of a cookie; undefined: there is none, or it is over. It depends on a session at identity, whose state is
 * cached as that of a token is: whatever ends the user's tokens there ends the session, too.
 * @throws Fault unavailable
 */
export const sessionCaller = async (ctx: ComputeCtx, key: string): Promise<Session | undefined> => {
  if (!/^[\w-]{43}$/.test(key)) return undefined;
  const found = await findSession(ctx.db, hashOf(key), ctx.clock.now());
  const caller = found && (await ctx.callers.find(ctx.db, found.uuid, undefined));
  if (!caller || caller === 'revoked') return undefined;
  const session = { caller, auditId: found.auditId, csrfMatches: (sent: string) => same(sent, found.csrfToken) };
  if (!caller.active) return session; // The user is refused, so identity need not be asked.
  const confirmed = await ctx.sessions.verify(found.auditId).catch((err: unknown) => {
    throw err instanceof VerifierUnavailable
      ? unavailable('identity_unavailable', { retryAfter: err.retryAfter }, err.cause)
      : err;
  });
  return confirmed?.uuid === found.uuid ? session : undefined;
};

/** A session that has just begun, with the values of its two cookies. */
export interface NewSession {
  user: User;
  key: string;
  csrf: string;
}
/** Begins a session of a browser. @param auditId public name of the session at identity that it depends on */
export const beginSession = async (ctx: ComputeCtx, user: User, auditId: string): Promise<NewSession> => {
  const key = randomBytes(32).toString('base64url');
  const csrf = randomBytes(24).toString('base64url');
  const now = ctx.clock.now();
  const expiresAt = new Date(now.getTime() + SESSION_SECONDS * 1000);
  await dbOf(ctx).transaction((tx) =>
    insertSession(tx, { hash: hashOf(key), userId: user.id, csrf, auditId, now, expiresAt }),
  );
  return { user, key, csrf };
};
/**
 * Ends the session in every process at once. Identity is told after the commit; a job repeats this until identity has
 * answered.
 */
export const signOut = async (ctx: ComputeCtx, key: string | undefined): Promise<void> => {
  if (key === undefined) return;
  const auditId = await dbOf(ctx).transaction(async (tx) => {
    const ended = await deleteSession(tx, hashOf(key));
    if (ended) await enqueue(tx, CLOSE, { audit_id: ended }, { key: `${CLOSE}:${ended}` });
    return ended;
  });
  if (!auditId) return;
  ctx.sessions.forget(auditId);
  await ctx.identity.closeSession(auditId).catch((err: unknown) => {
    ctx.log.warn({ err, audit_id: auditId }, 'identity could not be told of the end of a session; a job tells it');
  });
};
/** Names of the caller's clients. */
export const namesOfClients = (ctx: ComputeCtx): Promise<{ id: number; name: string }[]> =>
  findClientNames(dbOf(ctx), callerOf(ctx).clientIds);
/** Deletes a batch of the sessions that are over. @returns how many */
export const sweepSessions = (ctx: ComputeCtx): Promise<number> => deleteExpiredSessions(ctx.db, ctx.clock.now());
