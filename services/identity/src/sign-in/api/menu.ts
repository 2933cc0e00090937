import { identity } from '@nefos/contracts';
import { endpointFor, type RequestCtx } from '@nefos/service-kit';
import type { Request } from 'express';
import { jsonp } from '../../access/api/jsonp.js';
import type { IdentityCtx } from '../../ctx.js';
import { clearedCookie, sessionOf, trustedReader } from './session.js';

const endpoint = endpointFor<IdentityCtx>();
/** The menu's items; addresses are absolute where the bar stands on another page (contract identity §5.2). */
const menu = async (
  ctx: RequestCtx<IdentityCtx>,
  req: Request,
  { callback, location }: { callback?: string | undefined; location?: string | undefined },
): Promise<unknown> => {
  const { token, stale } = await sessionOf(ctx, req);
  const known = token && (callback === undefined || trustedReader(ctx, req)) ? token.user : undefined;
  const base = callback === undefined && location === undefined ? '' : ctx.settings.publicUrl;
  const item = (url: string, name: string) => ({
    url: base + url,
    name,
    ...(url === '/ui/' && { is_active: true as const }),
  });
  const items = known
    ? [item('/ui/', known.username), item('/ui/landing', 'Dashboard'), item('/ui/logout', 'Sign out')]
    : [item('/ui/', 'Sign in')];
  // A cookie that signs nobody in is taken back with the answer; the redirect of the original could go in circles.
  return jsonp(callback, items, stale ? { 'Set-Cookie': clearedCookie(ctx.settings) } : {});
};
export const menuEndpoints = [endpoint(identity.getMenu, async (ctx, { query, req }) => menu(ctx, req, query))];
