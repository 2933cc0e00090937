import { identity } from '@nefos/contracts';
import { endpointFor, Reply, type RequestCtx } from '@nefos/service-kit';
import type { Request } from 'express';
import type { IdentityCtx } from '../../ctx.js';
import { resources, type Component } from '../../catalog/domain/catalog.js';
import { chooseDefaultProject } from '../domain/default-project.js';
import { bad } from '../../access/domain/errors.js';
import { giveFeedback } from '../domain/feedback.js';
import { catalogsForService, catalogsForUser, type Catalogs } from '../domain/user-catalogs.js';
import { authenticatedJson, authenticatedView } from '../../keystone/api/v2-token.view.js';
import { userOf } from '../../access/api/credentials.js';
import { asciiJson } from '../../access/api/json.js';
import { clearedCookie, sessionOf, trustedReader } from '../../sign-in/api/session.js';

const endpoint = endpointFor<IdentityCtx>();
const CALLBACK = /^[A-Za-z_$][\w$.]{0,127}$/;
/** JSONP when it is asked for; the empty comment and nosniff keep the answer a script and nothing else (contract identity §5.1). */
const jsonp = (callback: string | undefined, body: unknown, headers: Record<string, string> = {}): unknown => {
  if (callback === undefined) return new Reply(body, { headers });
  if (!CALLBACK.test(callback)) throw bad('callback.bad');
  return new Reply(Buffer.from(`/**/${callback}(${asciiJson(body)});`), {
    headers: {
      ...headers,
      'Content-Type': 'application/javascript; charset=UTF-8',
      'X-Content-Type-Options': 'nosniff',
    },
  });
};
const titleCase = (name: string): string =>
  name.replace(
    /(^|[\s_-])(\w)/g,
    (_, gap: string, letter: string) => (gap === '_' || gap === '-' ? ' ' : gap) + letter.toUpperCase(),
  );
const serviceView = (c: Component) => ({
  id: String(c.id),
  name: c.name,
  url: c.url,
  ...(c.icon && { icon: c.icon }),
  verbose_name: titleCase(c.name),
  order: c.position,
  cloudbar: { show: true, title: titleCase(c.name), name: c.name, ...(c.icon && { icon: c.icon }) },
  dashboard: { show: true, order: c.position, description: '' },
});
const catalogsView = ({ byName, byUuid }: Catalogs) => ({ displayname_catalog: byName, uuid_catalog: byUuid });

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
export const accountEndpoints = [
  endpoint(identity.getServices, async (ctx, { query }) =>
    jsonp(query.callback, (await ctx.directory.get()).components.filter((c) => c.listed).map(serviceView), {
      'Access-Control-Allow-Origin': '*',
    }),
  ),
  endpoint(identity.getMenu, async (ctx, { query, req }) => menu(ctx, req, query)),
  endpoint(identity.authenticate, async (ctx, { query }) => {
    const directory = await ctx.directory.get();
    const t = userOf(ctx);
    // Quotas can not be read yet, and then the list is empty (contract identity §5.3).
    return query.usage
      ? { ...authenticatedView(directory, t), usage: [] }
      : new Reply(Buffer.from(authenticatedJson(directory, t)));
  }),
  endpoint(identity.sendFeedback, async (ctx, { body }) =>
    giveFeedback(ctx, userOf(ctx).user, body.feedback_msg, body.feedback_data),
  ),
  endpoint(identity.setDefaultProject, async (ctx, { body }) =>
    chooseDefaultProject(ctx, userOf(ctx), body.project_id),
  ),
  endpoint(identity.getUserCatalogs, async (ctx, { body }) => catalogsView(await catalogsForUser(ctx, body))),
  endpoint(identity.getServiceUserCatalogs, async (ctx, { body }) => catalogsView(await catalogsForService(ctx, body))),
  endpoint(identity.listResources, async (ctx) =>
    Object.fromEntries(
      (await resources(ctx)).map((r) => [
        r.name,
        {
          service: r.serviceOrigin,
          description: r.description,
          unit: r.unit,
          ui_visible: r.uiVisible,
          api_visible: true,
          allow_in_projects: true,
        },
      ]),
    ),
  ),
];
