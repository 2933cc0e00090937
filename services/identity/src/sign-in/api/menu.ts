import { identity } from '@nefos/contracts';
import { endpointFor, type RequestCtx } from '@nefos/service-kit';
import type { Request } from 'express';
import { jsonp } from '../../access/api/jsonp.js';
import type { IdentityCtx } from '../../ctx.js';
import { clearedCookie, sessionOf, trustedReader } from './session.js';

const endpoint = endpointFor<IdentityCtx>();
/**
 * The menu's items. On another site's page (`callback`, `location`) their addresses are absolute (contract identity
 * §5.2).
 */
const menu = async (
  ctx: RequestCtx<IdentityCtx>,
  req: Request,
  { callback, location }: { callback?: string | undefined; location?: string | undefined },
): Promise<unknown> => {
  const { token, stale } = await sessionOf(ctx, req);
  const user = token && (callback === undefined || trustedReader(ctx, req)) ? token.user : undefined;
  const base = callback === undefined && location === undefined ? '' : ctx.settings.publicUrl;
  const item = (url: string, name: string) => ({
    url: base + url,
    name,
    ...(url === '/ui/' && { is_active: true as const }),
  });
  const items = user
    ? [item('/ui/', user.username), item('/ui/landing', 'Dashboard'), item('/ui/logout', 'Sign out')]
    : [item('/ui/', 'Sign in')];
  // Deletes a cookie that signs nobody in; the original redirects, which can loop.
  return jsonp(callback, items, stale ? { 'Set-Cookie': clearedCookie(ctx.settings) } : {});
};
export const menuEndpoints = [endpoint(identity.getMenu, async (ctx, { query, req }) => menu(ctx, req, query))];
