import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import { document, flag, listing, numeral, user, V } from './fields.js';

const contract = contractIn('facade-volume');
const get = { ...user, method: 'get', status: 200, query: anyQuery } as const;
const project = z.object({ project: z.string().max(255) });
const limit = numeral(-1, 2_147_483_647).optional();
const set = z.object({ quota_set: document });

export const listZones = contract({
  ...get,
  path: `${V}/os-availability-zone`,
  summary: 'Availability zones: the regions that have volumes',
  response: listing('availabilityZoneInfo'),
});
export const showLimits = contract({
  ...get,
  path: `${V}/limits`,
  summary: 'Limits of the project, and what is used of them',
  response: z.object({ limits: document }),
});
export const showQuotaDefaults = contract({
  ...get,
  path: `${V}/os-quota-sets/:project/defaults`,
  summary: 'Quotas of a project for which none are set',
  params: project,
  response: set,
});
export const showQuotaSet = contract({
  ...get,
  path: `${V}/os-quota-sets/:project`,
  summary: 'Quotas of a project',
  params: project,
  response: set,
});
export const updateQuotaSet = contract({
  ...user,
  method: 'put',
  path: `${V}/os-quota-sets/:project`,
  status: 200,
  summary: 'Set quotas of a project (administrators)',
  params: project,
  query: anyQuery,
  body: z.strictObject({
    quota_set: z.strictObject({
      volumes: limit,
      gigabytes: limit,
      snapshots: limit,
      backups: limit,
      per_volume_gigabytes: limit,
      backup_gigabytes: limit,
      groups: limit,
      force: flag.optional(),
      tenant_id: z.string().max(255).optional(),
      id: z.string().max(255).optional(),
    }),
  }),
  response: set,
});
export const deleteQuotaSet = contract({
  ...user,
  method: 'delete',
  path: `${V}/os-quota-sets/:project`,
  status: 200,
  summary: 'Give a project the default quotas again (administrators)',
  params: project,
});
export const showQuotaClass = contract({
  ...get,
  path: `${V}/os-quota-class-sets/:id`,
  summary: 'The default quotas',
  params: idParams,
  response: z.object({ quota_class_set: document }),
});
export const updateQuotaClass = contract({
  ...user,
  method: 'put',
  path: `${V}/os-quota-class-sets/:id`,
  status: 200,
  summary: 'Set the default quotas (refused: the portal has them; administrators)',
  params: idParams,
  body: document,
  response: z.object({ quota_class_set: document }),
});
export const listServices = contract({
  ...get,
  path: `${V}/os-services`,
  summary: 'The services behind it, one per region (administrators)',
  response: listing('services'),
});
export const actOnServices = contract({
  ...user,
  method: 'put',
  path: `${V}/os-services/:id`,
  status: 200,
  summary: 'Switch a service (refused: the regions of the portal are switched)',
  params: idParams,
  body: document,
  response: document,
});
export const listPools = contract({
  ...get,
  path: `${V}/scheduler-stats/get_pools`,
  summary: 'Where volumes are kept, one per region (administrators)',
  response: listing('pools'),
});
export const listExtensions = contract({
  ...get,
  path: `${V}/extensions`,
  summary: 'Extensions of the API',
  response: listing('extensions'),
});
export const listResourceFilters = contract({
  ...get,
  path: `${V}/resource_filters`,
  summary: 'What lists can be filtered by (3.33)',
  response: listing('resource_filters'),
});
