import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { writtenNumber } from '../whole-number.js';

const contract = contractIn('sign-in');

/** The plain pages a browser needs to sign in (contract identity §5.2, §8.7). */
const html = { access: 'session' as const, status: 200, source: 'contract identity §8.7', produces: ['text/html'] };
const next = z.looseObject({ next: z.string().max(2000).optional() });
export const uiRoot = contract({
  ...html,
  method: 'get',
  path: '/ui',
  aliases: [],
  summary: 'To the landing page or to the sign-in page',
  description: 'Redirects a browser to the landing page, or to the sign-in page when nobody is signed in.',
  status: 302,
});
export const signInPage = contract({
  ...html,
  method: 'get',
  path: '/ui/login',
  summary: 'The sign-in form',
  description: 'Shows the form to sign in. `next` is the local address to which the browser goes afterwards.',
  query: next,
});
export const signIn = contract({
  ...html,
  method: 'post',
  path: '/ui/login',
  summary: 'Sign in',
  description:
    'Signs in with user name and password: sets the session cookie and redirects to `next`. 401 shows the form ' +
    'again; 429 after too many failures.',
  status: 302,
  refusals: [403, 429],
  answers: [401],
  consumes: ['application/x-www-form-urlencoded'],
  body: z.looseObject({
    username: z.string().max(254).default(''),
    password: z.string().max(4096).default(''),
    next: z.string().max(2000).default(''),
  }),
});
export const signOutPage = contract({
  ...html,
  method: 'get',
  path: '/ui/logout',
  summary: 'A button that signs out',
  description: 'Shows a form with a button that signs out. Redirects when nobody is signed in.',
  query: next,
  answers: [302],
});
export const signOut = contract({
  ...html,
  method: 'post',
  path: '/ui/logout',
  summary: "Sign out: the session's token is revoked",
  description:
    'Revokes the token of the browser session, removes the cookie and redirects to `next`. 403 without the token of ' +
    'the form.',
  status: 302,
  refusals: [403],
  consumes: ['application/x-www-form-urlencoded'],
  body: z.looseObject({
    csrf: z
      .string()
      .max(100)
      .default('')
      .describe("The form's own token, from the page of GET /ui/logout; not needed where nobody is signed in"),
    next: z.string().max(2000).default(''),
  }),
});
export const landing = contract({
  ...html,
  method: 'get',
  path: '/ui/landing',
  summary: 'Where one comes after signing in',
  description: 'Shows the page that follows a sign-in. Redirects to the sign-in page when nobody is signed in.',
  answers: [302],
});

export const termsPage = contract({
  ...html,
  method: 'get',
  path: '/ui/approval_terms',
  summary: 'The terms of use in force, with a button for whoever is signed in and has to sign them',
  description: 'Shows the terms of use in force, with a button to accept them for a user who has not yet.',
  query: next,
});
export const oneTermsPage = contract({
  ...html,
  method: 'get',
  path: '/ui/approval_terms/:id',
  summary: 'Terms of use by their number, also those that are no longer in force',
  description: 'Shows terms of use by their number, also those that are no longer in force.',
  params: z.object({ id: writtenNumber({ min: 1, most: 2_147_483_647 }) }),
});
export const acceptTerms = contract({
  ...html,
  method: 'post',
  path: '/ui/approval_terms',
  summary: 'Sign the terms of use that were shown. 409: others are in force by now',
  description:
    'Records that the signed-in user accepts the terms that were shown, and redirects to `next`. 403 without the ' +
    'token of the form; 409 when other terms are in force by now.',
  status: 302,
  refusals: [403, 409],
  consumes: ['application/x-www-form-urlencoded'],
  body: z.looseObject({
    csrf: z
      .string()
      .max(100)
      .default('')
      .describe("The form's own token, from the page of GET /ui/approval_terms; not needed where nobody is signed in"),
    terms: writtenNumber({ min: 0, most: 2_147_483_647 }).default(0).describe('Number of the terms that were read'),
    next: z.string().max(2000).default(''),
  }),
});
