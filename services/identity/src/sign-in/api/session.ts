import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readCookies } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import type { Settings } from '../../config.js';
import { refusalOf, type UserToken } from '../../access/domain/tokens.js';

/** The cookie is `<uuid>|<token>`: clients of the original use its second part as a token (contract identity §5.2). */
const NAME = '_pithos2_a';
const setCookie = (s: Settings, value: string, lifetime: string): string =>
  [
    `${NAME}=${value}; Path=/; HttpOnly; SameSite=Lax`,
    ...(s.cookieSecure ? ['Secure'] : []),
    ...(s.cookieDomain ? [`Domain=${s.cookieDomain}`] : []),
    lifetime,
  ].join('; ');
/** `Set-Cookie` of a sign-in. */
export const sessionCookie = (s: Settings, uuid: string, token: string): string =>
  setCookie(s, encodeURIComponent(`${uuid}|${token}`), `Max-Age=${s.tokenSeconds}`);
/** `Set-Cookie` that deletes the cookie. */
export const clearedCookie = (s: Settings): string =>
  setCookie(s, '', 'Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT');

/** The value of the cookie; empty when it can not be decoded, undefined when there is none. */
const readCookie = (req: IncomingMessage): string | undefined => {
  const found = readCookies(req)[NAME];
  try {
    return found === undefined ? undefined : decodeURIComponent(found).replace(/^"|"$/g, '');
  } catch {
    return '';
  }
};
/**
 * The value that our forms carry. It is derived from the session's token, which no other site can read, so no other
 * site can send it.
 */
const csrfOf = (token: string): string => createHmac('sha256', token).update('nefos form').digest('base64url');
/** Whether two texts are equal, in constant time for texts of one length. */
export const sameText = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};
export interface Session {
  /** The user who is signed in. */
  token?: UserToken;
  /** The user who is signed in except that terms of use wait to be signed. */
  unsigned?: UserToken;
  csrf: string;
  /** There is a cookie that signs nobody in. */
  stale: boolean;
}
/** The browser's session. */
export const sessionOf = async (ctx: IdentityCtx, req: IncomingMessage): Promise<Session> => {
  const value = readCookie(req);
  if (!value) return { csrf: '', stale: value !== undefined };
  const separator = value.indexOf('|');
  const text = value.slice(separator + 1);
  const found = await ctx.tokens.find(text);
  const refusal = refusalOf(found);
  if (
    separator <= 0 ||
    found?.user?.uuid !== value.slice(0, separator) ||
    (refusal !== null && refusal !== 'terms.pending')
  )
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
/**
 * Whether a page of ours, or of a configured origin, reads the menu as a script: others must not learn who is signed
 * in.
 */
export const trustedReader = (ctx: IdentityCtx, req: IncomingMessage): boolean => {
  const origin = originOf(req.headers.origin) ?? originOf(req.headers.referer);
  return ownOrigin(ctx, req, origin) || (origin !== undefined && ctx.settings.menuOrigins.includes(origin));
};
/** Whether `Origin` names our own site; no other site can make a browser send that. */
export const namesOwnOrigin = (ctx: IdentityCtx, req: IncomingMessage): boolean =>
  ownOrigin(ctx, req, originOf(req.headers.origin));
/** Whether a form was sent from our own page: browsers say so in Origin. SameSite of the cookie protects as well. */
export const sentFromHere = (ctx: IdentityCtx, req: IncomingMessage): boolean => {
  const { origin, referer } = req.headers;
  const site = req.headers['sec-fetch-site'];
  if (origin !== undefined) return ownOrigin(ctx, req, originOf(origin));
  return site === undefined || site === 'same-origin' || site === 'none'
    ? referer === undefined || ownOrigin(ctx, req, originOf(referer))
    : false;
};
