import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { MAX_INT, one } from './params.js';

const contract = contractIn('projects');

/** Projects and their quotas (contract compute §8.1). Staff see all, end users those of their clients. */
export const project = z
  .strictObject({
    id: z.string().regex(/^[0-9a-f]{32}$/),
    name: z.string(),
    region_ids: z.array(z.string()),
    service: z.strictObject({ id: z.int(), status: z.string() }),
    client: z.strictObject({ id: z.int(), name: z.string() }),
    disabled: z.boolean(),
  })
  .meta({ id: 'Project' });
const quota = z
  .strictObject({
    limit: z.int().describe('-1: none'),
    in_use: z.int().describe('what exists'),
    reserved: z.int().describe('what is being made'),
  })
  .meta({ id: 'Quota' });
/** What quotas limit; MB for ram, GB for gigabytes. */
export const QUOTA_KEYS = [
  'instances',
  'cores',
  'ram',
  'key_pairs',
  'server_groups',
  'volumes',
  'gigabytes',
  'snapshots',
  'backups',
  'network',
  'subnet',
  'port',
  'router',
  'floatingip',
  'security_group',
  'security_group_rule',
] as const;
type QuotaKey = (typeof QUOTA_KEYS)[number];
const each = <S extends z.ZodType>(schema: S): Record<QuotaKey, S> =>
  Object.fromEntries(QUOTA_KEYS.map((key) => [key, schema])) as Record<QuotaKey, S>;
export const quotas = z.strictObject(each(quota)).meta({ id: 'Quotas' });

const projectParam = z.object({ project_id: z.string().max(255) });
const forRoot = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => ({
  list: contract({
    method: 'get',
    path: `/${root}/openstack/projects`,
    access,
    status: 200,
    summary: 'List projects',
    description: 'Lists the projects that the caller may see, with paging, ordering, search and filtering.',
    source: 'contract compute §8.1',
    query: listQuery.safeExtend({ client: one }),
    response: listOf(project),
  }),
  get: contract({
    method: 'get',
    path: `/${root}/openstack/projects/:project_id`,
    access,
    status: 200,
    summary: 'One project',
    description: 'Answers one project with its service and its client.',
    source: 'contract compute §8.1',
    params: projectParam,
    response: project,
  }),
  quotas: contract({
    method: 'get',
    path: `/${root}/openstack/quotas/:project_id`,
    access,
    status: 200,
    summary: 'Limits of a project, and what it uses',
    description:
      'Answers for each resource the limit of a project, what exists, and what is being made. -1 is no limit; `ram` ' +
      'is in MB, `gigabytes` in GB.',
    source: 'contract compute §8.1',
    params: projectParam,
    response: quotas,
  }),
});
export const staffProjects = forRoot('staffapi', 'staff');
export const userProjects = forRoot('api', 'enduser');
export const createProject = contract({
  method: 'post',
  path: '/staffapi/openstack/projects',
  access: 'staff',
  status: 201,
  summary: 'Give an OpenStack service its project',
  description: 'Makes the project of an OpenStack service that has none. 400 for a service that has one, or has ended.',
  source: 'contract compute §8.1',
  body: drf.dict({ service: drf.integer({ min: 1, max: MAX_INT }), name: drf.char({ required: false, max: 64 }) }),
  response: project,
});
export const patchProject = contract({
  method: 'patch',
  path: '/staffapi/openstack/projects/:project_id',
  access: 'staff',
  status: 200,
  summary: 'Rename, disable or enable a project',
  description:
    'Renames, disables or enables a project. Nothing new is made in a disabled project; what is there stays.',
  source: 'contract compute §8.1',
  params: projectParam,
  body: drf.partial({ name: drf.char({ max: 64 }), disabled: drf.boolean({}) }),
  response: project,
});
export const patchQuotas = contract({
  method: 'patch',
  path: '/staffapi/openstack/quotas/:project_id',
  access: 'staff',
  status: 200,
  summary: 'Set limits of a project',
  description:
    'Sets limits; those that are absent stay, -1 is no limit, null the default again. 400 for an unknown resource, ' +
    'and for a limit below what is used unless `force` is true.',
  source: 'contract compute §8.1',
  params: projectParam,
  body: drf.closed({ ...each(drf.integer({ min: -1, max: MAX_INT, nullable: true })), force: drf.boolean({}) }),
  response: quotas,
});
