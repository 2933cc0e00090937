import { compute, wholeNumber, type BodyOf } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { Request, Response } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { permissionsOf } from '../../access/domain/permissions.js';
import { namesOfClients, SESSION_SECONDS, signOut, type NewSession } from '../domain/sessions.js';
import { signIn } from '../domain/sign-in.js';
import { makeSsoLink, signInByLink } from '../domain/sso.js';
import { getUser } from '../domain/users.js';
import { lastOf } from '../../lists/list-query.js';
import { readCookies, setCookie } from './cookies.js';
import { userView } from './users.view.js';

const endpoint = endpointFor<ComputeCtx>();
/** Answers with the cookies of a new session. */
const sessionReply = async (
  ctx: ComputeCtx,
  { req, res }: { req: Request; res: Response },
  { user, key, csrf }: NewSession,
) => {
  // The browser's former session ends: its key is of no use any more.
  await signOut(ctx, readCookies(req).sessionid);
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Set-Cookie', [
    setCookie(req, 'sessionid', key, { seconds: SESSION_SECONDS, httpOnly: true }),
    setCookie(req, 'csrftoken', csrf, { seconds: SESSION_SECONDS, httpOnly: false }),
  ]);
  return { user: userView(ctx)(user) };
};
const login =
  (staff: boolean) =>
  async (
    ctx: ComputeRequest,
    { body, req, res }: { body: BodyOf<typeof compute.userLogin>; req: Request; res: Response },
  ) => {
    return sessionReply(ctx, { req, res }, await signIn(ctx, { ...body, staff, address: req.ip ?? '' }));
  };
const sso = async (
  ctx: ComputeRequest,
  { req, res }: { req: Request; res: Response },
  link: { euid: string; timestamp: number; hash_val: string },
) => {
  res.setHeader('Referrer-Policy', 'no-referrer');
  const request = { euid: link.euid, seconds: link.timestamp, mac: link.hash_val, address: req.ip ?? '' };
  return sessionReply(ctx, { req, res }, await signInByLink(ctx, request));
};
const logout = async (ctx: ComputeCtx, { req, res }: { req: Request; res: Response }) => {
  await signOut(ctx, readCookies(req).sessionid);
  res.setHeader('Set-Cookie', [
    setCookie(req, 'sessionid', '', { seconds: 0, httpOnly: true }),
    setCookie(req, 'csrftoken', '', { seconds: 0, httpOnly: false }),
  ]);
  return { detail: 'Successfully logged out.' };
};
const current = async (ctx: ComputeCtx) => {
  const caller = callerOf(ctx);
  const { clients: _, date_joined: __, ...user } = userView(ctx)(await getUser(ctx, caller.userId));
  return { ...user, permissions: permissionsOf(caller), clients: await namesOfClients(ctx) };
};

export const sessionEndpoints = [
  endpoint(compute.staffLogin, login(true)),
  endpoint(compute.userLogin, login(false)),
  endpoint(compute.staffLogout, logout),
  endpoint(compute.userLogout, logout),
  endpoint(compute.getSsoSession, async (ctx, { body, res }) => {
    res.setHeader('Cache-Control', 'no-store');
    return { hash_val: await makeSsoLink(ctx, body.euid) };
  }),
  endpoint(compute.ssoSignIn, async (ctx, { body, ...io }) => sso(ctx, io, body)),
  endpoint(compute.ssoLink, async (ctx, { query, ...io }) =>
    // A missing value is refused as a wrong one is.
    sso(ctx, io, {
      euid: lastOf(query.euid) ?? '',
      timestamp: wholeNumber(lastOf(query.timestamp)) ?? -1,
      hash_val: lastOf(query.hash_val) ?? '',
    }),
  ),
  endpoint(compute.staffCurrentUser, current),
  endpoint(compute.userCurrentUser, current),
];
