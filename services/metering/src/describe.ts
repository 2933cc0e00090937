import { metering, type Contract } from '@nefos/contracts';
import { asFault, type Fault } from '@nefos/service-kit';
import type { Request } from 'express';
import type { MeteringRequest } from './ctx.js';
import { accountOf } from './accounts/domain/accounts.js';
import { imageOf } from './images/domain/images.js';
import { callerOf } from './access/domain/caller.js';

interface Field {
  type: string;
  required: boolean;
  read_only: boolean;
  label: string;
  max_length?: number;
  choices?: { value: string; display_name: string }[];
}
const label = (name: string): string => name[0]?.toUpperCase() + name.slice(1).replaceAll('_', ' ');
const readOnly = (type: string, ...names: string[]): Record<string, Field> =>
  Object.fromEntries(names.map((name) => [name, { type, required: false, read_only: true, label: label(name) }]));
const writable = (name: string, type: string, required: boolean, more: Partial<Field> = {}): Record<string, Field> => ({
  [name]: { type, required, read_only: false, label: label(name), ...more },
});
const choices = (...clouds: readonly string[]): Partial<Field> => ({
  choices: clouds.map((cloud) => ({ value: cloud, display_name: cloud })),
});

const ACCOUNT: Record<string, Field> = {
  ...readOnly('integer', 'account_id'),
  ...readOnly('datetime', 'created_at'),
  ...writable('name', 'string', true, { max_length: 256 }),
  ...readOnly('datetime', 'updated_at'),
  ...readOnly('field', 'user_id'),
  ...writable('account_arn', 'string', false),
  ...writable('aws_account_id', 'string', false),
  ...readOnly('field', 'content_object'),
  ...writable('cloud_type', 'choice', true, choices('aws')),
};
const EXISTING: Record<string, Field> = {
  ...ACCOUNT,
  ...writable('cloud_type', 'choice', true, choices(...metering.CLOUDS)),
};
const IMAGE: Record<string, Field> = {
  ...readOnly('datetime', 'created_at'),
  ...readOnly('integer', 'image_id'),
  ...readOnly('string', 'inspection_json'),
  ...readOnly('boolean', 'is_encrypted'),
  ...readOnly('string', 'name'),
  ...readOnly('boolean', 'openshift'),
  ...writable('openshift_challenged', 'boolean', false),
  ...readOnly('boolean', 'openshift_detected', 'rhel'),
  ...writable('rhel_challenged', 'boolean', false),
  ...readOnly(
    'boolean',
    'rhel_detected',
    'rhel_enabled_repos_found',
    'rhel_product_certs_found',
    'rhel_release_files_found',
    'rhel_signed_packages_found',
  ),
  ...readOnly('string', 'rhel_version'),
  ...readOnly('choice', 'status'),
  ...readOnly('field', 'syspurpose'),
  ...readOnly('datetime', 'updated_at'),
  ...writable('cloud_type', 'choice', false, choices(...metering.CLOUDS)),
  ...readOnly('field', 'content_object'),
};
interface View {
  name: string;
  description: string;
  /** Finds the row that PUT would change. @throws Fault not_found when the caller can not see it */
  writes?: {
    method: 'POST' | 'PUT';
    fields: Record<string, Field>;
    sees?: (ctx: MeteringRequest, id: number) => Promise<unknown>;
  };
}
const VIEWS: Record<string, View> = {
  '/v2/': { name: 'Api Root', description: 'What there is.' },
  '/v2/accounts/': {
    name: 'Account List',
    description: 'Cloud accounts of the user.',
    writes: { method: 'POST', fields: ACCOUNT },
  },
  '/v2/accounts/:id/': {
    name: 'Account Instance',
    description: 'A cloud account.',
    writes: { method: 'PUT', fields: EXISTING, sees: (ctx, id) => accountOf(ctx, callerOf(ctx), id, undefined) },
  },
  '/v2/instances/': { name: 'Instance List', description: 'Instances of the user.' },
  '/v2/instances/:id/': { name: 'Instance Instance', description: 'An instance.' },
  '/v2/images/': { name: 'Machine Image List', description: "Images used by the user's instances." },
  '/v2/images/:id/': {
    name: 'Machine Image Instance',
    description: 'An image.',
    writes: { method: 'PUT', fields: IMAGE, sees: (ctx, id) => imageOf(ctx, callerOf(ctx), id, undefined) },
  },
  '/v2/images/:id/reinspect/': { name: 'Reinspect', description: 'Restart the inspection of an image.' },
  '/v2/concurrent/': {
    name: 'Daily Concurrent Usage List',
    description: 'Most instances, vCPUs and memory at once, day by day.',
  },
  '/v2/resource_usage/': {
    name: 'Daily Resource Usage List',
    description: 'What images, volumes, floating IPs and traffic amount to, day by day.',
  },
  '/v2/sysconfig/': { name: 'Sysconfig List', description: 'Configuration that customers may see.' },
};

const visible = async (found: Promise<unknown> | undefined): Promise<boolean> => {
  try {
    await found;
    return true;
  } catch (err) {
    const fault: Fault = asFault(err);
    if (fault.kind === 'not_found') return false;
    throw err;
  }
};
/** What OPTIONS answers (contract metering §1): `actions` only where the caller may write. */
export const describe = async (ctx: MeteringRequest, req: Request, contracts: readonly Contract[]): Promise<object> => {
  const { name, description, writes } = VIEWS[contracts[0]?.path ?? ''] ?? { name: '', description: '' };
  const id = /^\d{1,15}$/.test(String(req.params.id)) ? Number(req.params.id) : -1;
  const may = writes !== undefined && (await visible(writes.sees?.(ctx, id)));
  return {
    name,
    description,
    renders: ['application/json', 'text/html'],
    parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    ...(may && { actions: { [writes.method]: writes.fields } }),
  };
};
