import { identity } from '@nefos/contracts';
import { endpointFor, type Reply } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { Fault } from '../../access/domain/errors.js';
import { shownTerms, type Terms } from '../../accounts/domain/terms.js';
import { acceptTerms } from '../domain/terms-acceptance.js';
import { hidden, html, page, redirect, safeNext, warning } from './page.js';
import { sameText, sentFromHere, sessionOf, type Session } from './session.js';

const endpoint = endpointFor<IdentityCtx>();
const PATH = identity.termsPage.path;
const body = ({ text, location }: Terms): string => {
  if (text !== null) return `<div style="white-space:pre-wrap">${html(text)}</div>`;
  const address = html(location);
  return /^https?:\/\//.test(location)
    ? `<p><a href="${address}" rel="noopener noreferrer" target="_blank">${address}</a></p>`
    : `<p>${address}</p>`;
};
const signForm = ({ id }: Terms, csrf: string, next: string): string =>
  `<form method="post" action="${PATH}">${hidden('csrf', csrf)}${hidden('terms', String(id))}${hidden('next', next)}` +
  '<button type="submit">I accept these terms</button></form>';
/** What follows the terms: the form for a user who has to sign them, else why there is none. */
const ending = ({ token, unsigned, csrf }: Session, terms: Terms, next: string): string => {
  if (unsigned) {
    const signedIn = `Signed in as ${html(unsigned.user.username)}. <a href="/ui/logout">Sign out</a>`;
    return `<p>${signedIn}</p>${signForm(terms, csrf, next)}`;
  }
  if (token) return '<p>You have nothing to sign.</p>';
  return `<p><a href="/ui/login?next=${encodeURIComponent(PATH)}">Sign in to accept them</a></p>`;
};
const title = ({ date }: Terms): string => `Terms of use of ${date.slice(0, 10)}`;
/** The terms in force, with the form for a user who has to sign them. */
const inForce = async (
  ctx: IdentityRequest,
  session: Session,
  next: string,
  refusal?: { status: number; text: string },
): Promise<Reply> => {
  const terms = await shownTerms(ctx);
  if (!terms) return page('Terms of use', '<p>There are no terms of use.</p>');
  const text = `${refusal ? warning(refusal.text) : ''}${body(terms)}${ending(session, terms, next)}`;
  return page(title(terms), text, refusal?.status);
};

export const termsPageEndpoints = [
  endpoint(identity.termsPage, async (ctx, { query, req }) =>
    inForce(ctx, await sessionOf(ctx, req), safeNext(query.next)),
  ),
  endpoint(identity.oneTermsPage, async (ctx, { params }) => {
    const terms = (await shownTerms(ctx, params.id)) as Terms;
    return page(title(terms), body(terms));
  }),
  endpoint(identity.acceptTerms, async (ctx, { body: { csrf, terms, next }, req }) => {
    const session = await sessionOf(ctx, req);
    const signer = session.unsigned ?? session.token;
    const to = safeNext(next);
    if (!signer) return redirect(`/ui/login?next=${encodeURIComponent(PATH)}`);
    if (!sentFromHere(ctx, req))
      return inForce(ctx, session, to, { status: 403, text: 'This form was not sent from here.' });
    if (!sameText(session.csrf, csrf))
      return inForce(ctx, session, to, { status: 403, text: 'This form was too old.' });
    if (!session.unsigned) return redirect(to); // signed before, or not bound by terms
    try {
      await acceptTerms(ctx, signer, terms);
    } catch (err) {
      if (!(err instanceof Fault && err.code === 'terms.newer')) throw err;
      return inForce(ctx, session, to, {
        status: 409,
        text: 'The terms have changed in the meantime: read them again.',
      });
    }
    return redirect(to);
  }),
];
