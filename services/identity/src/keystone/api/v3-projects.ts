import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { accountByUuid } from '../../accounts/domain/accounts.js';
import { bad, forbidden } from '../../access/domain/errors.js';
import { everyProject, projectByUuid, scopable, type Project } from '../../projects/domain/projects.js';
import { userOf } from '../../access/domain/caller.js';
import { byAdmin, byComponent, demandAdmin, elsewhere, isSelf } from './v3-callers.js';
import { entity, matching, pageOf, wholeList } from './v3-lists.js';
import { DOMAIN } from './v3-token.view.js';

const endpoint = endpointFor<IdentityCtx>();
const projectView = (ctx: IdentityCtx, p: Project) =>
  entity(ctx, 'projects', {
    id: p.uuid,
    name: p.realname,
    description: p.description,
    enabled: p.state === 'active',
    domain_id: DOMAIN.id,
    parent_id: DOMAIN.id,
    is_domain: false,
    tags: [],
    options: {},
  });
type View = ReturnType<typeof projectView>;
type Filters = {
  limit: number;
  marker?: string | undefined;
  name?: string | undefined;
  domain_id?: string | undefined;
  enabled?: boolean | undefined;
};
const own = async (ctx: IdentityRequest): Promise<View[]> =>
  (await scopable(ctx, userOf(ctx))).map((p) => projectView(ctx, p));
/** A list in memory: what a user may use is little. */
const listed = (ctx: IdentityCtx, path: string, query: Filters, all: readonly View[]) =>
  wholeList(
    ctx,
    'projects',
    path,
    query,
    matching(all, { name: query.name, domain_id: query.domain_id, enabled: query.enabled }),
  );

interface Kin {
  parent_id?: string | undefined;
  is_domain?: boolean | undefined;
  domain_id?: string | undefined;
  tags?: string | undefined;
  'tags-any'?: string | undefined;
}
/** Whether the filters leave out every project: all are children of the one domain and have no tags. */
const excluded = (q: Kin): boolean =>
  elsewhere(q.domain_id) ||
  elsewhere(q.parent_id) ||
  q.is_domain === true ||
  q.tags !== undefined ||
  q['tags-any'] !== undefined;
interface Relatives {
  parents_as_list?: boolean | undefined;
  parents_as_ids?: boolean | undefined;
  subtree_as_list?: boolean | undefined;
  subtree_as_ids?: boolean | undefined;
}
/** Parents and children as Keystone shows that there are none. */
const relatives = (q: Relatives) => {
  if ((q.parents_as_list && q.parents_as_ids) || (q.subtree_as_list && q.subtree_as_ids))
    throw bad('project.two_forms');
  return {
    ...(q.parents_as_list && { parents: [] }),
    ...(q.parents_as_ids && { parents: null }),
    ...(q.subtree_as_list && { subtree: [] }),
    ...(q.subtree_as_ids && { subtree: null }),
  };
};

export const v3ProjectEndpoints = [
  endpoint(identity.listAuthProjects, async (ctx, { query }) => listed(ctx, 'auth/projects', query, await own(ctx))),
  endpoint(identity.listV3Projects, async (ctx, { query }) => {
    const { limit, marker, name, enabled, user_id: user } = query;
    if (await byAdmin(ctx)) {
      const rows = excluded(query) ? [] : await everyProject(ctx, { limit, marker, name, enabled, user });
      return pageOf(ctx, 'projects', 'projects', {
        query,
        rows,
        markerOf: (p) => p.uuid,
        view: (p) => projectView(ctx, p),
      });
    }
    if (byComponent(ctx)) throw forbidden();
    const mine = excluded(query) || (user !== undefined && user !== userOf(ctx).user.uuid) ? [] : await own(ctx);
    return listed(ctx, 'projects', query, mine);
  }),
  endpoint(identity.getV3Project, async (ctx, { params, query }) => {
    const more = relatives(query);
    const mine = byComponent(ctx) ? undefined : (await own(ctx)).find((p) => p.id === params.id);
    if (mine) return { project: { ...mine, ...more } };
    await demandAdmin(ctx);
    return { project: { ...projectView(ctx, await projectByUuid(ctx, params.id)), ...more } };
  }),
  endpoint(identity.listV3UserProjects, async (ctx, { params, query }) => {
    if (isSelf(ctx, params.id)) return listed(ctx, `users/${params.id}/projects`, query, await own(ctx));
    await demandAdmin(ctx);
    const { uuid } = await accountByUuid(ctx.db, params.id);
    return listed(ctx, `users/${uuid}/projects`, query, [projectView(ctx, await projectByUuid(ctx, uuid))]);
  }),
];
