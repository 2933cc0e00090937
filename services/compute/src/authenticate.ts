import { AuthenticationError, type AuthenticationDetail, type Authenticator } from '@nefos/auth';
import type { Contract, Principal } from '@nefos/contracts';
import { Fault, forbidden, unavailable } from '@nefos/service-kit';
import type { Request } from 'express';
import { readCookies } from './users/api/cookies.js';
import type { ComputeRequest } from './ctx.js';
import { refusal } from './refusals.js';
import type { Caller } from './access/domain/callers.js';
import { sessionCaller } from './users/domain/sessions.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Whether the request changes nothing. */
const safe = (req: Request, contract: Contract): boolean => SAFE.has(req.method) && !contract.writes;
const unauthenticated = (code: string): Fault => new Fault('unauthenticated', code);

/** Refuses a credential and counts the failure. @throws Fault unauthenticated, too_many: always one of them */
const failed = async (ctx: ComputeRequest, req: Request, code: string): Promise<never> => {
  const wait = await ctx.failures.failed(`token ${req.ip ?? ''}`);
  throw wait ? new Fault('too_many', 'throttled', { retryAfter: wait }) : unauthenticated(code);
};

/** Codes of a malformed token header (contract compute §2), by what `@nefos/auth` finds wrong. */
const MALFORMED: Partial<Record<AuthenticationDetail, string>> = {
  no_credentials: 'token.empty',
  spaces: 'token.spaces',
  characters: 'token.characters',
};
const principalOf = async (
  ctx: ComputeRequest,
  req: Request,
  authenticator: Authenticator,
): Promise<Principal | null> => {
  try {
    return await authenticator(req);
  } catch (err) {
    if (!(err instanceof AuthenticationError)) throw err;
    if (err.reason === 'unavailable')
      throw unavailable('identity_unavailable', { retryAfter: err.retryAfter ?? 1 }, err.cause);
    return failed(ctx, req, MALFORMED[err.detail] ?? 'invalid_token');
  }
};
/**
 * The portal user whose token the request shows; undefined: it shows none.
 * @throws Fault unauthenticated, forbidden (a component's token), too_many, unavailable
 */
export const callerByToken = async (
  ctx: ComputeRequest,
  req: Request,
  authenticator: Authenticator,
): Promise<{ caller: Caller; principal: Principal } | undefined> => {
  const found = await principalOf(ctx, req, authenticator);
  if (!found) return undefined;
  if (found.kind === 'component' || found.kind === 'gateway') throw forbidden();
  const caller = await ctx.callers.find(ctx.db, found.uuid, found.auditId);
  if (caller === 'revoked') return failed(ctx, req, 'invalid_token');
  if (!caller?.active) throw unauthenticated('user_inactive');
  return {
    caller: found.restricted ? { ...caller, restricted: true } : caller,
    principal: { ...found, kind: caller.staff ? 'staff' : 'user', ...(caller.readOnly && { readOnly: true }) },
  };
};
/** By the browser's session. A request that changes something must send the CSRF token (contract compute §2). */
const bySession = async (
  ctx: ComputeRequest,
  req: Request,
  contract: Contract,
): Promise<{ caller: Caller; principal: Principal } | undefined> => {
  const key = readCookies(req).sessionid;
  const session = key ? await sessionCaller(ctx, key) : undefined;
  if (!session) return undefined;
  if (!session.caller.active) throw unauthenticated('user_inactive');
  if (!safe(req, contract)) {
    const sent = req.headers['x-csrftoken'];
    if (sent === undefined || sent === '') throw refusal('forbidden', 'csrf.missing');
    if (!session.csrfMatches(String(sent))) throw refusal('forbidden', 'csrf.wrong');
  }
  const { caller, auditId } = session;
  return {
    caller,
    principal: {
      kind: caller.staff ? 'staff' : 'user',
      uuid: caller.uuid,
      displayName: caller.username,
      roles: [],
      auditId,
      via: 'session',
    },
  };
};

/** For callers that were accepted before: a refusal now is no attempt to guess a credential. */
const UNCOUNTED = { blocked: () => Promise.resolve(0), failed: () => Promise.resolve(0) };
/**
 * Judges the caller of a long answer anew, as a new request would be.
 * @returns undefined when it would be refused; the caller as before while identity does not answer
 */
export const judgeAgain = async (
  ctx: ComputeRequest,
  req: Request,
  contract: Contract,
): Promise<Caller | undefined> => {
  const again: ComputeRequest = { ...ctx, failures: UNCOUNTED };
  try {
    await authenticate(again, req, undefined, contract);
    return again.caller;
  } catch (err) {
    if (!(err instanceof Fault)) throw err;
    return err.kind === 'unavailable' ? ctx.caller : undefined;
  }
};

/**
 * The token first, the session second: a request without credentials is asked for a token. Staff and end users use
 * their own sides only (contract compute §2 A4-A6).
 */
export const authenticate = async (
  ctx: ComputeRequest,
  req: Request,
  _res: unknown,
  contract: Contract,
): Promise<Principal | null> => {
  if (contract.access === 'public') return null;
  const found = (await callerByToken(ctx, req, ctx.authenticator)) ?? (await bySession(ctx, req, contract));
  if (!found) throw unauthenticated('not_authenticated');
  if (contract.access !== (found.caller.staff ? 'staff' : 'enduser') && contract.access !== 'user') {
    ctx.principal = found.principal; // for the security log
    throw forbidden();
  }
  ctx.caller = found.caller;
  return found.principal;
};
