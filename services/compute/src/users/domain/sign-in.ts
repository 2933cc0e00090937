import { createHash } from 'node:crypto';
import { Fault, invalid, logSecurity } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { refusedValue } from '../../refusals.js';
import { findUserByName } from '../store/users.js';
import { beginSession, SESSION_SECONDS, type NewSession } from './sessions.js';

/**
 * The uuid by which identity is asked about a name that no user has, so that the answer takes as long. It is the same
 * each time: the name is counted, locked and delayed there as a user's would be.
 */
const uuidOfUnknown = (name: string): string => {
  const bytes = createHash('sha256').update(`nobody\0${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
/**
 * For the `catch` of what begins a session at identity.
 * @throws Fault invalid/login: the user has to accept terms of use first
 */
export const unlessTermsPending =
  (ctx: ComputeCtx) =>
  (err: unknown): never => {
    throw err instanceof Fault && err.code === 'identity.terms_pending'
      ? invalid([refusedValue([], 'login.terms', { url: ctx.config.NEFOS_PUBLIC_URL })], 'login')
      : err;
  };
/**
 * Refuses an address that has failed too often.
 * @returns the key under which its failures are counted: apart from refused tokens, so that bad tokens from an address
 * do not keep its users from signing in
 * @throws Fault too_many
 */
export const demandNotBlocked = async (ctx: ComputeCtx, address: string): Promise<string> => {
  const key = `login ${address}`;
  const wait = await ctx.failures.blocked(key);
  if (wait) throw new Fault('too_many', 'throttled', { retryAfter: wait });
  return key;
};
/** Returns what writes the security log's line about a sign-in, once its outcome is known. */
export const signInLine =
  (ctx: ComputeRequest, about: { who: string | null; from: string; side: string }) =>
  (result: 'ok' | 'refused', why?: string): void =>
    logSecurity(ctx.log, { event: 'login', result, why, request_id: ctx.requestId, ...about });
/** Counts the failure. @param key of `demandNotBlocked` @throws Fault invalid/login, too_many: always one of them */
export const refuseSignIn = async (ctx: ComputeCtx, key: string): Promise<never> => {
  const wait = await ctx.failures.failed(key);
  throw wait
    ? new Fault('too_many', 'throttled', { retryAfter: wait })
    : invalid([refusedValue([], 'login.credentials')], 'login');
};

/**
 * Begins a session for a user of this side of the portal. Every reason of refusal looks the same, in words and in time.
 * @param address of the caller: it has to wait after too many failures
 * @throws Fault invalid/login, too_many, unavailable
 */
export const signIn = async (
  ctx: ComputeRequest,
  { username, password, staff, address }: { username: string; password: string; staff: boolean; address: string },
): Promise<NewSession> => {
  const throttleKey = await demandNotBlocked(ctx, address);
  const user = await findUserByName(dbOf(ctx), username);
  const allowed = user?.isActive && user.isStaff === staff ? user : undefined;
  // For a name that is unknown or not allowed here, identity does the same work and begins nothing.
  const opened = allowed
    ? await ctx.identity.openSession(allowed.uuid, password, SESSION_SECONDS).catch(unlessTermsPending(ctx))
    : (await ctx.identity.checkPassword(user?.uuid ?? uuidOfUnknown(username), password), null);
  const logOutcome = signInLine(ctx, { who: user?.uuid ?? null, from: address, side: staff ? 'staff' : 'enduser' });
  if (!allowed || !opened) {
    logOutcome('refused', !user ? 'unknown' : !user.isActive ? 'inactive' : allowed ? 'password' : 'side');
    return refuseSignIn(ctx, throttleKey);
  }
  const session = await beginSession(ctx, allowed, opened.auditId);
  logOutcome('ok');
  return session;
};
