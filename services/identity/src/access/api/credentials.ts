import type { IncomingMessage } from 'node:http';
import type { Contract, Principal } from '@nefos/contracts';
import { isoZ6 } from '@nefos/service-kit';
import type { Request } from 'express';
import passport from 'passport';
import { Strategy } from 'passport-http-bearer';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import type { Caller } from '../domain/caller.js';
import { forbidden, unauthenticated } from '../domain/errors.js';
import { isAdmin, rolesOf } from '../domain/roles.js';
import { refusalOf, requireComponent, requireUser, type TokenRecord } from '../domain/tokens.js';

/**
 * The token of a request: header X-Auth-Token, else `Authorization: Bearer`; from the query only where that is switched
 * on.
 */
export const readToken = (
  req: IncomingMessage,
  ctx: IdentityCtx,
): { token: string; via: Principal['via'] } | undefined => {
  if (ctx.settings.queryTokens) {
    const asked = new URLSearchParams((req.url ?? '').split('?')[1] ?? '').get('X-Auth-Token');
    if (asked) return { token: asked, via: 'x-auth-token' };
  }
  const header = req.headers['x-auth-token'];
  if (typeof header === 'string' && header) return { token: header, via: 'x-auth-token' };
  const bearer = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '');
  return bearer?.[1] ? { token: bearer[1], via: 'bearer' } : undefined;
};

const bearer = new passport.Passport();
bearer.use(
  new Strategy(
    { passReqToCallback: true },
    (req: unknown, token: string, done: (err: unknown, found?: TokenRecord | false) => void) => {
      (req as { ctx: IdentityCtx }).ctx.tokens.find(token).then((found) => done(null, found ?? false), done);
    },
  ),
);
/**
 * Asks passport's bearer strategy. It sees nothing but the header in Bearer form: what it would read from the body or
 * the query is no credential here, and its own plain-text refusals are never used.
 */
const findByBearer = (ctx: IdentityCtx, token: string): Promise<TokenRecord | undefined> =>
  new Promise((resolve, reject) => {
    const seen = { headers: { authorization: `Bearer ${token}` }, ctx };
    const answer = (err: unknown, found?: TokenRecord | false | null): void => {
      if (err) reject(err instanceof Error ? err : new Error('bearer', { cause: err }));
      else resolve(found || undefined);
    };
    (
      bearer.authenticate('bearer', { session: false }, answer) as (
        req: unknown,
        res: unknown,
        next: (err?: unknown) => void,
      ) => void
    )(seen, {}, reject);
  });

const principalOf = async (
  ctx: IdentityRequest,
  record: TokenRecord,
  presented: string,
  via: Principal['via'],
): Promise<Caller> => {
  const directory = await ctx.directory.get();
  return {
    kind: record.user ? 'user' : 'component',
    uuid: record.user?.uuid ?? `component:${record.component?.name ?? ''}`,
    displayName: record.user?.username ?? record.component?.name ?? '',
    roles: rolesOf(directory, record).map((r) => r.name),
    auditId: record.auditId,
    via,
    record,
    presented,
    ...(record.readOnly && { readOnly: true }),
    ...(record.expiresAt && { tokenExpires: isoZ6(record.expiresAt) }),
  };
};
/**
 * The caller of an endpoint by its `access`. On v3 a component is a caller like a user; the domain decides what it may
 * see. @throws Fault
 */
export const authenticate = async (
  ctx: IdentityRequest,
  req: Request,
  _res: unknown,
  contract: Contract,
): Promise<Principal | null> => {
  const { access } = contract;
  if (access === 'public' || access === 'session') return null;
  const sent = readToken(req, ctx);
  if (!sent) throw unauthenticated('token.missing');
  const record = /^[\x21-\x7e]+$/.test(sent.token) ? await findByBearer(ctx, sent.token) : undefined;
  // Which components may call at all, the kit decides. A seed's own endpoint does not know the token of a component
  // (contract identity §3.3).
  if (access === 'service' || (record?.component && contract.path.startsWith('/identity/v3')))
    return principalOf(ctx, requireComponent(record), sent.token, sent.via);
  const found = requireUser(record);
  const caller = await principalOf(ctx, found, sent.token, sent.via);
  if (access !== 'admin' || isAdmin(ctx, await ctx.directory.get(), found)) return caller;
  ctx.principal = caller; // so that the log knows who
  throw forbidden();
};
/** Who calls, where nobody must: undefined for no or no good token. */
export const optionalCaller = async (ctx: IdentityRequest, req: Request): Promise<TokenRecord | undefined> => {
  const sent = readToken(req, ctx);
  const record = sent && (await ctx.tokens.find(sent.token));
  return record && (record.component ? record.leftMs === null || record.leftMs > 0 : refusalOf(record) === null)
    ? record
    : undefined;
};
