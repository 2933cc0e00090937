import { AuthenticationError, type AuthenticationDetail } from '@nefos/auth';
import type { Contract, Principal } from '@nefos/contracts';
import { Fault, forbidden, unavailable } from '@nefos/service-kit';
import type { Request } from 'express';
import { readCookies } from './users/api/cookies.js';
import type { ComputeRequest } from './ctx.js';
import type { Caller } from './access/domain/callers.js';
import { sessionCaller } from './users/domain/sessions.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Whether the request changes nothing. */
const safe = (req: Request, contract: Contract): boolean => SAFE.has(req.method) && !contract.writes;
const refuse = (code: string): Fault => new Fault('unauthenticated', code);

const failed = async (ctx: ComputeRequest, req: Request, code: string): Promise<never> => {
  const wait = await ctx.failures.failed(`token ${req.ip ?? ''}`);
  throw wait ? new Fault('too_many', 'throttled', { retryAfter: wait }) : refuse(code);
};

/** Contract compute §2: what is wrong with a token header, by what the token check says. */
const MALFORMED: Partial<Record<AuthenticationDetail, string>> = {
  no_credentials: 'token.empty',
  spaces: 'token.spaces',
  characters: 'token.characters',
};
const principalOf = async (ctx: ComputeRequest, req: Request): Promise<Principal | null> => {
  try {
    return await ctx.authenticator(req);
  } catch (err) {
    if (!(err instanceof AuthenticationError)) throw err;
    if (err.reason === 'unavailable')
      throw unavailable('identity_unavailable', { retryAfter: err.retryAfter ?? 1 }, err.cause);
    return failed(ctx, req, MALFORMED[err.detail] ?? 'invalid_token');
  }
};
const byToken = async (
  ctx: ComputeRequest,
  req: Request,
): Promise<{ caller: Caller; principal: Principal } | undefined> => {
  const found = await principalOf(ctx, req);
  if (!found) return undefined;
  if (found.kind === 'component' || found.kind === 'gateway') throw forbidden();
  const caller = await ctx.callers.find(ctx.db, found.uuid, found.auditId);
  if (caller === 'revoked') return failed(ctx, req, 'invalid_token');
  if (!caller?.active) throw refuse('user_inactive');
  return {
    caller: found.restricted ? { ...caller, restricted: true } : caller,
    principal: { ...found, kind: caller.staff ? 'staff' : 'user', ...(caller.readOnly && { readOnly: true }) },
  };
};
/** The browser's session. Unsafe methods must show that they come from our page (contract compute §2). */
const bySession = async (
  ctx: ComputeRequest,
  req: Request,
  contract: Contract,
): Promise<{ caller: Caller; principal: Principal } | undefined> => {
  const key = readCookies(req).sessionid;
  const session = key ? await sessionCaller(ctx, key) : undefined;
  if (!session) return undefined;
  if (!session.caller.active) throw refuse('user_inactive');
  if (!safe(req, contract)) {
    const sent = req.headers['x-csrftoken'];
    if (sent === undefined || sent === '')
      throw forbidden('csrf_failed', { detail: 'CSRF Failed: CSRF token missing.' });
    if (!session.csrfMatches(String(sent)))
      throw forbidden('csrf_failed', {
        detail: "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect.",
      });
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

/**
 * Token first, session second, so that who shows nothing is asked for a token. Staff and end users stay on their
 * sides (contract compute §2 A4-A6).
 */
export const authenticate = async (
  ctx: ComputeRequest,
  req: Request,
  _res: unknown,
  contract: Contract,
): Promise<Principal | null> => {
  if (contract.access === 'public') return null;
  const who = (await byToken(ctx, req)) ?? (await bySession(ctx, req, contract));
  if (!who) throw refuse('not_authenticated');
  if (contract.access !== (who.caller.staff ? 'staff' : 'enduser') && contract.access !== 'user') {
    ctx.principal = who.principal; // so that the log knows who
    throw forbidden();
  }
  ctx.caller = who.caller;
  return who.principal;
};
