import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { VerifierUnavailable } from '@nefos/auth';
import { enqueue, Fault, logSecurity, unavailable } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { deleteExpiredSessions, deleteSession, findNames, findSession, insertSession } from '../store/sessions.js';
import { findUserByName, type UserRow } from '../store/users.js';
import { callerOf } from '../../access/domain/caller.js';
import type { Caller } from '../../access/domain/callers.js';

/** How long a browser stays signed in. */
export const SESSION_SECONDS = 14 * 24 * 3600;
const CLOSE = 'session.close';
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();
const same = (one: string, other: string): boolean => timingSafeEqual(hashOf(one), hashOf(other));

export interface Session {
  caller: Caller;
  /** Identity's session. */
  auditId: string;
  csrfMatches(sent: string): boolean;
}
/**
 * The session behind a cookie; undefined: none, or over. It hangs on a session at identity, asked about as rarely as a token is, so that
 * whatever ends the user's tokens there ends it. @throws Fault unavailable
 */
export const sessionCaller = async (ctx: ComputeCtx, key: string): Promise<Session | undefined> => {
  if (!/^[\w-]{43}$/.test(key)) return undefined;
  const found = await findSession(dbOf(ctx), hashOf(key), ctx.clock.now());
  const caller = found && (await ctx.callers.find(dbOf(ctx), found.uuid, undefined));
  if (!caller || caller === 'revoked') return undefined;
  const session = { caller, auditId: found.audit_id, csrfMatches: (sent: string) => same(sent, found.csrf_token) };
  if (!caller.active) return session; // refused by its user, whatever identity would say
  const confirmed = await ctx.sessions.verify(found.audit_id).catch((err: unknown) => {
    throw err instanceof VerifierUnavailable
      ? unavailable('identity_unavailable', { retryAfter: err.retryAfter }, err.cause)
      : err;
  });
  return confirmed?.uuid === found.uuid ? session : undefined;
};

/**
 * The uuid by which identity is asked about a name that nobody has. It costs the same work there; and being the same each time, the name is
 * counted, locked and kept waiting in line as a user's would be.
 */
const uuidOfNobody = (name: string): string => {
  const bytes = hashOf(`nobody\0${name}`).subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
const refusedLogin = (text: string): Fault =>
  new Fault('invalid', 'login', { issues: [{ path: [], rule: 'text', values: { text } }] });
export const termsWait = (ctx: ComputeCtx): string =>
  `The terms of use have to be accepted first, at ${ctx.config.NEFOS_PUBLIC_URL}/ui/approval_terms.`;
/** For the `catch` of what begins a session at identity: the user is told that terms of use wait. */
export const unlessTermsPending =
  (ctx: ComputeCtx) =>
  (err: unknown): never => {
    throw err instanceof Fault && err.code === 'identity.terms_pending' ? refusedLogin(termsWait(ctx)) : err;
  };
/** Under what failures of an address are counted. @throws Fault too_many: it has to wait */
export const placeOf = async (ctx: ComputeCtx, address: string): Promise<string> => {
  // Counted apart from refused tokens: whoever shows bad ones must not keep a whole address from signing in.
  const place = `login ${address}`;
  const wait = await ctx.failures.blocked(place);
  if (wait) throw new Fault('too_many', 'throttled', { retryAfter: wait });
  return place;
};
/** Writes the line about a sign-in when its outcome is known. */
export const signInLine =
  (ctx: ComputeRequest, about: { who: string | null; from: string; side: string }) =>
  (result: 'ok' | 'refused', why?: string): void =>
    logSecurity(ctx.log, { event: 'login', result, why, request_id: ctx.requestId, ...about });
/** @throws Fault invalid/login; too_many */
export const refuseSignIn = async (ctx: ComputeCtx, place: string): Promise<never> => {
  const blocked = await ctx.failures.failed(place);
  throw blocked
    ? new Fault('too_many', 'throttled', { retryAfter: blocked })
    : refusedLogin('Unable to log in with provided credentials.');
};
/** A browser's session on top of identity's. */
export const beginSession = async (
  ctx: ComputeCtx,
  user: UserRow,
  auditId: string,
): Promise<{ user: UserRow; key: string; csrf: string }> => {
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
 * Begins a session for a user of this side of the portal. Every reason of refusal looks the same, in words and in time.
 * @param address of the caller: after too many failures it has to wait
 * @throws Fault invalid/login; too_many; unavailable
 */
export const signIn = async (
  ctx: ComputeRequest,
  { username, password, staff, address }: { username: string; password: string; staff: boolean; address: string },
): Promise<{ user: UserRow; key: string; csrf: string }> => {
  const place = await placeOf(ctx, address);
  const user = await findUserByName(dbOf(ctx), username);
  // A name that nobody has, or that may not sign in here, costs identity the same work and begins nothing.
  const allowed = user?.is_active && user.is_staff === staff ? user : undefined;
  const opened = allowed
    ? await ctx.identity.openSession(allowed.uuid, password, SESSION_SECONDS).catch(unlessTermsPending(ctx))
    : (await ctx.identity.checkPassword(user?.uuid ?? uuidOfNobody(username), password), null);
  const tell = signInLine(ctx, { who: user?.uuid ?? null, from: address, side: staff ? 'staff' : 'enduser' });
  if (!allowed || !opened) {
    tell('refused', !user ? 'unknown' : !user.is_active ? 'inactive' : allowed ? 'password' : 'side');
    return refuseSignIn(ctx, place);
  }
  const begun = await beginSession(ctx, allowed, opened.auditId);
  tell('ok');
  return begun;
};
/** Over here at once, in every process; identity is told right after, and by a job until it has heard. */
export const signOut = async (ctx: ComputeCtx, key: string | undefined): Promise<void> => {
  if (key === undefined) return;
  const auditId = await dbOf(ctx).transaction(async (tx) => {
    const gone = await deleteSession(tx, hashOf(key));
    if (gone) await enqueue(tx, CLOSE, { audit_id: gone }, { key: `${CLOSE}:${gone}` });
    return gone;
  });
  if (!auditId) return;
  ctx.sessions.forget(auditId);
  await ctx.identity.closeSession(auditId).catch((err: unknown) => {
    ctx.log.warn({ err, audit_id: auditId }, 'identity did not hear of the end of a session yet; the job tells it');
  });
};
/** Names of the caller's clients. */
export const namesOfClients = (ctx: ComputeCtx): Promise<{ id: number; name: string }[]> =>
  findNames(dbOf(ctx), callerOf(ctx).clientIds);
export const sweepSessions = (ctx: ComputeCtx): Promise<number> => deleteExpiredSessions(dbOf(ctx), ctx.clock.now());
