import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { bad } from '../../access/domain/errors.js';
import type { IdentityCtx } from '../../ctx.js';
import { DOMAIN, isOtherDomain } from '../domain/default-domain.js';
import { listedProjects, ownProjects, projectForV3, projectsOfUser, type Project } from '../domain/projects.js';
import { entity, matching, pageOf, wholeList } from './v3-lists.js';

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
type Filters = {
  limit: number;
  marker?: string | undefined;
  name?: string | undefined;
  domain_id?: string | undefined;
  enabled?: boolean | undefined;
};
/** A list in memory: a user has few projects. */
const listView = (ctx: IdentityCtx, path: string, query: Filters, projects: readonly Project[]) =>
  wholeList(
    ctx,
    'projects',
    path,
    query,
    matching(
      projects.map((p) => projectView(ctx, p)),
      { name: query.name, domain_id: query.domain_id, enabled: query.enabled },
    ),
  );

interface TreeFilters {
  parent_id?: string | undefined;
  is_domain?: boolean | undefined;
  domain_id?: string | undefined;
  tags?: string | undefined;
  'tags-any'?: string | undefined;
}
/** Whether the filters can match no project: all are children of the one domain and have no tags. */
const matchesNone = (q: TreeFilters): boolean =>
  isOtherDomain(q.domain_id) ||
  isOtherDomain(q.parent_id) ||
  q.is_domain === true ||
  q.tags !== undefined ||
  q['tags-any'] !== undefined;
interface Relatives {
  parents_as_list?: boolean | undefined;
  parents_as_ids?: boolean | undefined;
  subtree_as_list?: boolean | undefined;
  subtree_as_ids?: boolean | undefined;
}
/** No parents and no children, in the form that is asked for. @throws invalid project.two_forms */
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
  endpoint(identity.listAuthProjects, async (ctx, { query }) =>
    listView(ctx, 'auth/projects', query, await ownProjects(ctx)),
  ),
  endpoint(identity.listV3Projects, async (ctx, { query }) => {
    const { limit, marker, name, enabled, user_id: user } = query;
    const found = await listedProjects(ctx, { limit, marker, name, enabled, user, excluded: matchesNone(query) });
    if ('own' in found) return listView(ctx, 'projects', query, found.own);
    return pageOf(ctx, 'projects', 'projects', {
      query,
      rows: found.page,
      markerOf: (p) => p.uuid,
      view: (p) => projectView(ctx, p),
    });
  }),
  endpoint(identity.getV3Project, async (ctx, { params, query }) => {
    const family = relatives(query);
    return { project: { ...projectView(ctx, await projectForV3(ctx, params.id)), ...family } };
  }),
  endpoint(identity.listV3UserProjects, async (ctx, { params, query }) =>
    listView(ctx, `users/${params.id}/projects`, query, await projectsOfUser(ctx, params.id)),
  ),
];
