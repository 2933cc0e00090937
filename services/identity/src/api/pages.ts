import { identity } from '@nefos/contracts';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { Request } from 'express';
import type { IdentityCtx, IdentityRequest } from '../ctx.js';
import { Fault } from '../domain/errors.js';
import { checkPassword, mintFor } from '../domain/sign-in.js';
import { revoke } from '../domain/revocation.js';
import type { UserToken } from '../domain/tokens.js';
import { clearedCookie, namesOwnOrigin, sameText, sentFromHere, sessionCookie, sessionOf } from './session.js';

const endpoint = endpointFor<IdentityCtx>();
const HEADERS = {
  'Content-Type': 'text/html; charset=UTF-8',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
};
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const html = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
const page = (title: string, body: string, status = 200): Reply =>
  new Reply(
    Buffer.from(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:24em;margin:12vh auto;padding:0 1em}label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}input,button{padding:.5em;margin:.2em 0 1em}.wrong{color:#a00}</style></head>
<body><h1>${html(title)}</h1>${body}</body></html>
`),
    { status, headers: HEADERS },
  );
const redirect = (to: string, headers: Record<string, string> = {}): Reply =>
  new Reply(Buffer.alloc(0), { status: 302, headers: { Location: to, ...headers } });
/** Only our own paths: a link to this page must not lead elsewhere. */
const safeNext = (next: string | undefined): string => (next && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes('\\') ? next : '/ui/landing');
const warning = (text: string): string => `<p class="wrong" role="alert">${html(text)}</p>`;
const WRONG = { status: 401, text: 'The e-mail address or the password is wrong.' };
const FOREIGN = { status: 403, text: 'This form was not sent from here: fill it in again.' };
const form = (next: string, refusal?: typeof WRONG): Reply =>
  page(
    'Sign in',
    `${refusal ? warning(refusal.text) : ''}
<form method="post" action="/ui/login"><label for="username">E-mail</label><input id="username" name="username" type="email" autocomplete="username" required autofocus>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required><input type="hidden" name="next" value="${html(next)}"><button type="submit">Sign in</button></form>`,
    refusal?.status,
  );

const hidden = (name: string, value: string): string => `<input type="hidden" name="${name}" value="${html(value)}">`;
const signOutForm = (csrf: string, next: string, label: string): string =>
  `<form method="post" action="/ui/logout">${hidden('csrf', csrf)}${hidden('next', next)}<button type="submit">${label}</button></form>`;
/** The button, for a browser; `refusal`: the form before it was too old, or another's. */
const signOutPage = (token: UserToken, csrf: string, next = '', refusal?: string): Reply =>
  page(
    'Sign out',
    `${refusal ? warning(refusal) : ''}<p>Signed in as ${html(token.user.username)}.</p>${signOutForm(csrf, next, 'Sign out')}`,
    refusal ? 403 : 200,
  );
const signedOut = (ctx: IdentityRequest, next: string | undefined): Reply =>
  redirect(next ? safeNext(next) : '/ui/', { 'Set-Cookie': clearedCookie(ctx.settings) });
const signOut = async (ctx: IdentityRequest, token: UserToken, next: string | undefined): Promise<Reply> => {
  await revoke(ctx, token, 'signed out');
  return signedOut(ctx, next);
};
/** The session that a browser had before it signed in anew ends: its token must not outlive the sign-in (session fixation). */
const endOldSession = async (ctx: IdentityRequest, req: Request): Promise<void> => {
  const { token } = await sessionOf(ctx, req);
  if (token?.kind === 'session') await revoke(ctx, token, 'signed out');
};
export const pageEndpoints = [
  endpoint(identity.uiRoot, async (ctx, { req }) => {
    if (!req.originalUrl.split('?', 1)[0]?.endsWith('/')) return redirect('/ui/');
    return redirect((await sessionOf(ctx, req)).token ? '/ui/landing' : '/ui/login');
  }),
  endpoint(identity.signInPage, async (_ctx, { query }) => form(safeNext(query.next))),
  endpoint(identity.signIn, async (ctx, { body, req }) => {
    if (!sentFromHere(ctx, req)) return form(safeNext(body.next), FOREIGN);
    const account = await checkPassword(ctx, 'page', body.username, body.password).catch((err: unknown) => {
      if (err instanceof Fault && err.kind === 'unauthenticated') return undefined;
      throw err;
    });
    if (!account) return form(safeNext(body.next), WRONG);
    const { token } = await mintFor(ctx, account, 'session');
    await endOldSession(ctx, req);
    return redirect(safeNext(body.next), { 'Set-Cookie': sessionCookie(ctx.settings, account.uuid, token) });
  }),
  endpoint(identity.signOutPage, async (ctx, { query, req }) => {
    const { token, csrf } = await sessionOf(ctx, req);
    if (!token) return signedOut(ctx, query.next);
    // No browser names its own origin when it follows a link: this is a program of ours that asks for it, as the original lets it.
    if (namesOwnOrigin(ctx, req)) return signOut(ctx, token, query.next);
    return signOutPage(token, csrf, query.next);
  }),
  endpoint(identity.signOut, async (ctx, { body, req }) => {
    const { token, csrf } = await sessionOf(ctx, req);
    if (!token) return signedOut(ctx, body.next);
    // A person sits before these pages: a refusal shows a button that works.
    if (!sentFromHere(ctx, req)) return signOutPage(token, csrf, body.next, 'This form was not sent from here.');
    if (!sameText(csrf, body.csrf)) return signOutPage(token, csrf, body.next, 'This form was too old.');
    return signOut(ctx, token, body.next);
  }),
  endpoint(identity.landing, async (ctx, { req }) => {
    const { token, csrf } = await sessionOf(ctx, req);
    return token
      ? page('Nefos', `<p>Signed in as ${html(token.user.name)} (${html(token.user.username)}).</p>${signOutForm(csrf, '', 'Sign out')}`)
      : redirect('/ui/login');
  }),
];
