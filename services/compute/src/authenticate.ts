import type { Contract, Principal } from '@nefos/contracts';
import { Fault, forbidden } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from './ctx.js';
import type { Caller } from './domain/caller.js';
import { sessionCaller } from './domain/sessions.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const refuse = (code: string): Fault => new Fault('unauthenticated', code);

/** The key in `Authorization: Token <key>`; undefined when the header speaks another scheme or is absent (contract compute §2). */
export const readToken = (header: string | undefined): string | undefined => {
  const words = (header ?? '').trim().split(/\s+/);
  if (words[0]?.toLowerCase() !== 'token') return undefined;
  if (words.length === 1) throw refuse('token.empty');
  if (words.length > 2) throw refuse('token.spaces');
  if (!/^[\x21-\x7e]+$/.test(words[1] as string)) throw refuse('token.characters');
  return words[1] as string;
};
export const readCookies = (header: string | undefined): Record<string, string> => Object.fromEntries((header ?? '').split(';').map((part) => part.trim().split('=')).filter((pair) => pair.length === 2 && pair[0]).map(([name, value]) => [name, value]));

const failed = async (ctx: ComputeCtx, req: Request, code: string): Promise<never> => {
  const wait = await ctx.failures.failed(req.ip ?? '');
  throw wait ? new Fault('too_many', 'throttled', { retryAfter: wait }) : refuse(code);
};

const byToken = async (ctx: ComputeRequest, req: Request, token: string): Promise<{ caller: Caller; principal: Principal }> => {
  // Identity's tokens come in two forms (A1 and its own); anything else is nobody's, and identity need not be asked.
  const found = /^[A-Za-z0-9_-]{24,128}$/.test(token) ? await ctx.verifier.verify(token) : null;
  if (!found) return failed(ctx, req, 'invalid_token');
  if (found.kind === 'component' || found.kind === 'gateway') throw forbidden();
  const caller = await ctx.callers.find(ctx, found.uuid, found.auditId);
  if (caller === 'revoked') return failed(ctx, req, 'invalid_token');
  if (!caller?.active) throw refuse('user_inactive');
  return { caller, principal: { ...found, kind: caller.staff ? 'staff' : 'user', via: 'token' } };
};
/** The browser's session. Unsafe methods must show that they come from our page (contract compute §2). */
const bySession = async (ctx: ComputeRequest, req: Request): Promise<{ caller: Caller; principal: Principal } | undefined> => {
  const key = readCookies(req.headers.cookie).sessionid;
  const session = key ? await sessionCaller(ctx, key) : undefined;
  if (!session) return undefined;
  if (!session.caller.active) throw refuse('user_inactive');
  if (!SAFE.has(req.method)) {
    const sent = req.headers['x-csrftoken'];
    if (sent === undefined || sent === '') throw forbidden('csrf_failed', { detail: 'CSRF Failed: CSRF token missing.' });
    if (!session.csrfMatches(String(sent))) throw forbidden('csrf_failed', { detail: "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect." });
  }
  const { caller } = session;
  return { caller, principal: { kind: caller.staff ? 'staff' : 'user', uuid: caller.uuid, displayName: caller.username, roles: [], via: 'session' } };
};

/** Token first, session second, so that who shows nothing is asked for a token. Staff and end users stay on their sides (contract compute §2 A4-A6). */
export const authenticate = async (ctx: ComputeRequest, req: Request, _res: unknown, contract: Contract): Promise<Principal | null> => {
  if (contract.access === 'public') return null;
  const token = readToken(req.headers.authorization);
  const who = token === undefined ? await bySession(ctx, req) : await byToken(ctx, req, token);
  if (!who) throw refuse('not_authenticated');
  if (contract.access !== (who.caller.staff ? 'staff' : 'enduser') && contract.access !== 'user') throw forbidden();
  if (who.caller.readOnly && !SAFE.has(req.method)) throw forbidden();
  ctx.caller = who.caller;
  return who.principal;
};
