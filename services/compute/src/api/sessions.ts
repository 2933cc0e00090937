import { compute, type BodyOf } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { Request, Response } from 'express';
import type { ComputeCtx } from '../ctx.js';
import { callerOf } from '../domain/caller.js';
import { permissionsOf } from '../domain/permissions.js';
import { namesOfClients, SESSION_SECONDS, signIn, signOut } from '../domain/sessions.js';
import { getUser } from '../domain/users.js';
import { readCookies, setCookie } from './cookies.js';
import { userView } from './users.js';

const endpoint = endpointFor<ComputeCtx>();
const login =
  (staff: boolean) =>
  async (ctx: ComputeCtx, { body, req, res }: { body: BodyOf<typeof compute.userLogin>; req: Request; res: Response }) => {
    const { user, key, csrf } = await signIn(ctx, { ...body, staff, address: req.ip ?? '' });
    // The session that the browser had before ends: a new log-in has a new key, and the old one opens nothing any more.
    await signOut(ctx, readCookies(req).get('sessionid'));
    res.setHeader('Set-Cookie', [
      setCookie(req, 'sessionid', key, { seconds: SESSION_SECONDS, httpOnly: true }),
      setCookie(req, 'csrftoken', csrf, { seconds: SESSION_SECONDS, httpOnly: false }),
    ]);
    return { user: userView(ctx)(user) };
  };
const logout = async (ctx: ComputeCtx, { req, res }: { req: Request; res: Response }) => {
  await signOut(ctx, readCookies(req).get('sessionid'));
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
  endpoint(compute.staffCurrentUser, current),
  endpoint(compute.userCurrentUser, current),
];
