import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readCookies } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import type { Settings } from '../../config.js';
import { refusalOf, type UserToken } from '../../access/domain/tokens.js';

/** Clients split the cookie at the pipe and use the second part as a token, so it is a live one (contract identity §5.2). */
const NAME = '_pithos2_a';
const cookie = (s: Settings, value: string, more: string): string =>
  `${NAME}=${value}; Path=/; HttpOnly; SameSite=Lax${s.cookieSecure ? '; Secure' : ''}${s.cookieDomain ? `; Domain=${s.cookieDomain}` : ''}${more}`;
export const sessionCookie = (s: Settings, uuid: string, token: string): string =>
  cookie(s, encodeURIComponent(`${uuid}|${token}`), `; Max-Age=${s.tokenSeconds}`);
export const clearedCookie = (s: Settings): string =>
  cookie(s, '', '; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT');

const readCookie = (req: IncomingMessage): string | undefined => {
  const found = readCookies(req)[NAME];
  try {
    return found === undefined ? undefined : decodeURIComponent(found).replace(/^"|"$/g, '');
  } catch {
    return '';
  }
};
/** What a form of ours carries, so that only our page can send it: made of the session's token, which no other page can read. */
const csrfOf = (token: string): string => createHmac('sha256', token).update('nefos form').digest('base64url');
/** Compared in constant time. */
export const sameText = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};
export interface Session {
  /** Of whoever is signed in. */ token?: UserToken;
  /** Of whoever is signed in but for terms of use that wait to be signed. */ unsigned?: UserToken;
  csrf: string;
  /** There is a cookie that signs nobody in. */ stale: boolean;
}
/** The browser's session. */
export const sessionOf = async (ctx: IdentityCtx, req: IncomingMessage): Promise<Session> => {
  const value = readCookie(req);
  if (!value) return { csrf: '', stale: value !== undefined };
  const cut = value.indexOf('|');
  const text = value.slice(cut + 1);
  const found = await ctx.tokens.find(text);
  const refusal = refusalOf(found);
  if (cut <= 0 || found?.user?.uuid !== value.slice(0, cut) || (refusal !== null && refusal !== 'terms.pending'))
    return { csrf: '', stale: true };
  return { [refusal === null ? 'token' : 'unsigned']: found as UserToken, csrf: csrfOf(text), stale: false };
};
const originOf = (text: string | undefined): string | undefined => {
  try {
    return text ? new URL(text).origin : undefined;
  } catch {
    return undefined;
  }
};
const ownOrigin = (ctx: IdentityCtx, req: IncomingMessage, origin: string | undefined): boolean =>
  origin !== undefined &&
  (origin === originOf(ctx.settings.publicUrl) ||
    (req.headers.host !== undefined && origin.replace(/^https?:\/\//, '') === req.headers.host));
/** Whether the page that reads the menu as a script is one of ours: others must not learn who is signed in. */
export const trustedReader = (ctx: IdentityCtx, req: IncomingMessage): boolean => {
  const origin = originOf(req.headers.origin) ?? originOf(req.headers.referer);
  return ownOrigin(ctx, req, origin) || (origin !== undefined && ctx.settings.menuOrigins.includes(origin));
};
/** Whether the request says by `Origin` that a page of ours sent it; no other page can make a browser say so. */
export const namesOwnOrigin = (ctx: IdentityCtx, req: IncomingMessage): boolean =>
  ownOrigin(ctx, req, originOf(req.headers.origin));
/** Whether a form was sent from our own page: every browser says so in Origin, and the cookie is SameSite besides. */
export const sentFromHere = (ctx: IdentityCtx, req: IncomingMessage): boolean => {
  const { origin, referer } = req.headers;
  const site = req.headers['sec-fetch-site'];
  if (origin !== undefined) return ownOrigin(ctx, req, originOf(origin));
  return site === undefined || site === 'same-origin' || site === 'none'
    ? referer === undefined || ownOrigin(ctx, req, originOf(referer))
    : false;
};
