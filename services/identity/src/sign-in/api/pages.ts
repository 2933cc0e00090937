import { identity } from '@nefos/contracts';
import { endpointFor, type Reply } from '@nefos/service-kit';
import type { Request } from 'express';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { Fault } from '../../access/domain/errors.js';
import { checkPassword, mintFor } from '../domain/sign-in.js';
import { revoke } from '../../access/domain/revocation.js';
import { refusalOf, type UserToken } from '../../access/domain/tokens.js';
import { hidden, html, page, redirect, safeNext, warning } from './page.js';
import { clearedCookie, namesOwnOrigin, sameText, sentFromHere, sessionCookie, sessionOf } from './session.js';

const endpoint = endpointFor<IdentityCtx>();
const TERMS = identity.termsPage.path;
const WRONG = { status: 401, text: 'The e-mail address or the password is wrong.' };
const FOREIGN = { status: 403, text: 'This form was not sent from here: fill it in again.' };
const signInForm = (next: string): string =>
  [
    '\n<form method="post" action="/ui/login">',
    '<label for="username">E-mail</label>',
    '<input id="username" name="username" type="email" autocomplete="username" required autofocus>\n',
    '<label for="password">Password</label>',
    '<input id="password" name="password" type="password" autocomplete="current-password" required>',
    hidden('next', next),
    '<button type="submit">Sign in</button></form>',
  ].join('');
const signInPage = (next: string, refusal?: typeof WRONG): Reply =>
  page('Sign in', `${refusal ? warning(refusal.text) : ''}${signInForm(next)}`, refusal?.status);

const signOutForm = (csrf: string, next: string): string =>
  `<form method="post" action="/ui/logout">${hidden('csrf', csrf)}${hidden('next', next)}` +
  '<button type="submit">Sign out</button></form>';
/** The page with the button. @param refusal why the form before it was refused */
const signOutPage = (token: UserToken, csrf: string, next = '', refusal?: string): Reply =>
  page(
    'Sign out',
    `${refusal ? warning(refusal) : ''}<p>Signed in as ${html(token.user.username)}.</p>${signOutForm(csrf, next)}`,
    refusal ? 403 : 200,
  );
const landingPage = ({ user }: UserToken, csrf: string): Reply =>
  page('Nefos', `<p>Signed in as ${html(user.name)} (${html(user.username)}).</p>${signOutForm(csrf, '')}`);
const signedOut = (ctx: IdentityRequest, next: string | undefined): Reply =>
  redirect(next ? safeNext(next) : '/ui/', { 'Set-Cookie': clearedCookie(ctx.settings) });
const signOut = async (ctx: IdentityRequest, token: UserToken, next: string | undefined): Promise<Reply> => {
  await revoke(ctx, token, 'signed out');
  return signedOut(ctx, next);
};
/**
 * The session that a browser had before it signed in anew ends: its token must not outlive the sign-in (session
 * fixation).
 */
const endOldSession = async (ctx: IdentityRequest, req: Request): Promise<void> => {
  const { token, unsigned = token } = await sessionOf(ctx, req);
  if (unsigned?.kind === 'session') await revoke(ctx, unsigned, 'signed out');
};
export const pageEndpoints = [
  endpoint(identity.uiRoot, async (ctx, { req }) => {
    if (!req.originalUrl.split('?', 1)[0]?.endsWith('/')) return redirect('/ui/');
    const { token, unsigned } = await sessionOf(ctx, req);
    return redirect(token ? '/ui/landing' : unsigned ? TERMS : '/ui/login');
  }),
  endpoint(identity.signInPage, async (_ctx, { query }) => signInPage(safeNext(query.next))),
  endpoint(identity.signIn, async (ctx, { body, req }) => {
    if (!sentFromHere(ctx, req)) return signInPage(safeNext(body.next), FOREIGN);
    const account = await checkPassword(ctx, 'page', body.username, body.password, { unsigned: true }).catch(
      (err: unknown) => {
        if (err instanceof Fault && err.kind === 'unauthenticated') return undefined;
        throw err;
      },
    );
    if (!account) return signInPage(safeNext(body.next), WRONG);
    const { token } = await mintFor(ctx, account, 'session', { unsigned: true });
    await endOldSession(ctx, req);
    const next = safeNext(body.next);
    const mustSign = refusalOf(await ctx.tokens.find(token)) === 'terms.pending' && !next.startsWith(TERMS);
    return redirect(mustSign ? `${TERMS}?next=${encodeURIComponent(next)}` : next, {
      'Set-Cookie': sessionCookie(ctx.settings, account.uuid, token),
    });
  }),
  endpoint(identity.signOutPage, async (ctx, { query, req }) => {
    const { unsigned, token = unsigned, csrf } = await sessionOf(ctx, req);
    if (!token) return signedOut(ctx, query.next);
    // A browser that follows a link does not send Origin: this is a client of the original, which signs out by GET.
    if (namesOwnOrigin(ctx, req)) return signOut(ctx, token, query.next);
    return signOutPage(token, csrf, query.next);
  }),
  endpoint(identity.signOut, async (ctx, { body, req }) => {
    const { unsigned, token = unsigned, csrf } = await sessionOf(ctx, req);
    if (!token) return signedOut(ctx, body.next);
    // Refusals show a button that works, since a person reads these pages.
    if (!sentFromHere(ctx, req)) return signOutPage(token, csrf, body.next, 'This form was not sent from here.');
    if (!sameText(csrf, body.csrf)) return signOutPage(token, csrf, body.next, 'This form was too old.');
    return signOut(ctx, token, body.next);
  }),
  endpoint(identity.landing, async (ctx, { req }) => {
    const { token, unsigned, csrf } = await sessionOf(ctx, req);
    if (unsigned) return redirect(`${TERMS}?next=/ui/landing`);
    return token ? landingPage(token, csrf) : redirect('/ui/login');
  }),
];
