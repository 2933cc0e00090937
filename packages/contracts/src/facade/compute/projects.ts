import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { anyQuery } from '../fields.js';
import { novaBoolean, novaInteger } from './parameter-types.js';

const contract = contractIn('facade-compute');
const user = { access: 'user', source: 'contract compute §12.3, §12.6' } as const;
const document = z.looseObject({});
const V = '/compute/v2.1';
const project = z.object({ project: z.string().max(255) });
const limit = novaInteger(-1, 2_147_483_647);

export const showLimits = contract({
  ...user,
  method: 'get',
  path: `${V}/limits`,
  status: 200,
  summary: 'Limits of the project, and what is used of them',
  query: anyQuery,
  response: document,
});
export const showQuotaSet = contract({
  ...user,
  method: 'get',
  path: `${V}/os-quota-sets/:project`,
  status: 200,
  summary: 'Quotas of a project',
  params: project,
  query: anyQuery,
  response: document,
});
export const showQuotaDetail = contract({
  ...user,
  method: 'get',
  path: `${V}/os-quota-sets/:project/detail`,
  status: 200,
  summary: 'Quotas of a project, with what is in use',
  params: project,
  query: anyQuery,
  response: document,
});
export const showQuotaDefaults = contract({
  ...user,
  method: 'get',
  path: `${V}/os-quota-sets/:project/defaults`,
  status: 200,
  summary: 'Quotas of a project for which none are set',
  params: project,
  response: document,
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
      instances: limit.optional(),
      cores: limit.optional(),
      ram: limit.optional(),
      key_pairs: limit.optional(),
      server_groups: limit.optional(),
      metadata_items: limit.optional(),
      server_group_members: limit.optional(),
      fixed_ips: limit.optional(),
      floating_ips: limit.optional(),
      security_groups: limit.optional(),
      security_group_rules: limit.optional(),
      networks: limit.optional(),
      injected_files: limit.optional(),
      injected_file_content_bytes: limit.optional(),
      injected_file_path_bytes: limit.optional(),
      force: novaBoolean.optional(),
      tenant_id: z.string().max(255).optional(),
    }),
  }),
  response: document,
});
export const deleteQuotaSet = contract({
  ...user,
  method: 'delete',
  path: `${V}/os-quota-sets/:project`,
  status: 202,
  summary: 'Take the quotas of a project back to the defaults (administrators)',
  params: project,
});
const quotaClass = z.object({ id: z.string().max(255) });
export const showQuotaClass = contract({
  ...user,
  method: 'get',
  path: `${V}/os-quota-class-sets/:id`,
  status: 200,
  summary: 'The default quotas (administrators)',
  params: quotaClass,
  response: document,
});
export const updateQuotaClass = contract({
  ...user,
  method: 'put',
  path: `${V}/os-quota-class-sets/:id`,
  status: 200,
  summary: 'The default quotas are fixed: 501 (administrators)',
  params: quotaClass,
  body: z.strictObject({ quota_class_set: boundedRecord(limit, 50) }),
  response: document,
});
export const listUsage = contract({
  ...user,
  method: 'get',
  path: `${V}/os-simple-tenant-usage`,
  status: 200,
  summary: 'What all projects have used (administrators)',
  query: anyQuery,
  response: document,
});
export const showUsage = contract({
  ...user,
  method: 'get',
  path: `${V}/os-simple-tenant-usage/:project`,
  status: 200,
  summary: 'What a project has used',
  params: project,
  query: anyQuery,
  response: document,
});
