import type { IncomingMessage } from 'node:http';
import type { Contract, Principal } from '@nefos/contracts';
import type { Request } from 'express';
import passport from 'passport';
import { Strategy } from 'passport-http-bearer';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { admitCaller } from '../domain/authentication.js';
import { unauthenticated } from '../domain/errors.js';
import { isLive, type TokenRecord } from '../domain/tokens.js';

/**
 * The token of a request: from the query, where that is switched on, else from the header X-Auth-Token, else from
 * `Authorization: Bearer`.
 */
export const readToken = (
  req: IncomingMessage,
  ctx: IdentityCtx,
): { token: string; via: Principal['via'] } | undefined => {
  if (ctx.settings.queryTokens) {
    const token = new URLSearchParams((req.url ?? '').split('?')[1] ?? '').get('X-Auth-Token');
    if (token) return { token, via: 'x-auth-token' };
  }
  const header = req.headers['x-auth-token'];
  if (typeof header === 'string' && header) return { token: header, via: 'x-auth-token' };
  const token = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1];
  return token === undefined ? undefined : { token, via: 'bearer' };
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
type Answer = (err: unknown, found?: TokenRecord | false | null) => void;
type Middleware = (req: unknown, res: unknown, next: (err?: unknown) => void) => void;
/**
 * Looks a token up through passport's bearer strategy. The strategy gets the header alone, in Bearer form: a token in
 * body or query is no credential here. Its own refusals, in plain text, are not used.
 */
const findByBearer = (ctx: IdentityCtx, token: string): Promise<TokenRecord | undefined> =>
  new Promise((resolve, reject) => {
    const request = { headers: { authorization: `Bearer ${token}` }, ctx };
    const answer: Answer = (err, found) => {
      if (err) reject(err instanceof Error ? err : new Error('bearer', { cause: err }));
      else resolve(found || undefined);
    };
    const middleware = bearer.authenticate('bearer', { session: false }, answer) as Middleware;
    middleware(request, undefined, reject);
  });

/**
 * The caller by the endpoint's `access`; null where the endpoint asks for none. @throws Fault unauthenticated,
 * forbidden
 */
export const authenticate = async (
  ctx: IdentityRequest,
  req: Request,
  _res: unknown,
  contract: Contract,
): Promise<Principal | null> => {
  if (contract.access === 'public' || contract.access === 'session') return null;
  const sent = readToken(req, ctx);
  if (!sent) throw unauthenticated('token.missing');
  // Passport's strategy splits the header at blanks.
  const record = /^[\x21-\x7e]+$/.test(sent.token) ? await findByBearer(ctx, sent.token) : undefined;
  return admitCaller(ctx, { ...sent, record }, contract);
};
/** The live token of a request to a public endpoint; undefined for no token and for one that is not live. */
export const optionalCaller = async (ctx: IdentityRequest, req: Request): Promise<TokenRecord | undefined> => {
  const sent = readToken(req, ctx);
  const record = sent && (await ctx.tokens.find(sent.token));
  return record && isLive(record) ? record : undefined;
};
