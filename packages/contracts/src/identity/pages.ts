import { z } from 'zod';
import { contract } from '../endpoint.js';

/** The plain pages a browser needs to sign in (contract identity §5.2, §8.7). */
const html = { access: 'session' as const, status: 200, source: 'contract identity §8.7', produces: ['text/html'] };
const next = z.looseObject({ next: z.string().max(2000).optional() });
export const uiRoot = contract({ ...html, method: 'get', path: '/ui', aliases: [], summary: 'To the landing page or to the sign-in page', status: 302 });
export const signInPage = contract({ ...html, method: 'get', path: '/ui/login', summary: 'The sign-in form', query: next });
export const signIn = contract({
  ...html,
  method: 'post',
  path: '/ui/login',
  summary: 'Sign in',
  status: 302,
  refusals: [403, 429],
  answers: [401],
  consumes: ['application/x-www-form-urlencoded'],
  body: z.looseObject({ username: z.string().max(254).default(''), password: z.string().max(4096).default(''), next: z.string().max(2000).default('') }),
});
export const signOutPage = contract({ ...html, method: 'get', path: '/ui/logout', summary: 'A button that signs out', query: next, answers: [302] });
export const signOut = contract({
  ...html,
  method: 'post',
  path: '/ui/logout',
  summary: "Sign out: the session's token is revoked",
  status: 302,
  refusals: [403],
  consumes: ['application/x-www-form-urlencoded'],
  body: z.looseObject({
    csrf: z.string().max(100).default('').describe("The form's own token, from the page of GET /ui/logout; not needed where nobody is signed in"),
    next: z.string().max(2000).default(''),
  }),
});
export const landing = contract({ ...html, method: 'get', path: '/ui/landing', summary: 'Where one comes after signing in', answers: [302] });
