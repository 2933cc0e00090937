import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { queryText } from '../../facade/api/query.js';
import { defaultQuotas, quotasOf, setQuotas } from '../../facade/domain/quotas.js';
import type { Quota, QuotaResource, Quotas } from '../../projects/quota-resources.js';
import { MOST_METADATA } from '../domain/metadata.js';

const endpoint = endpointFor<ComputeCtx>();
const fixed = (limit: number): Quota => ({ limit, inUse: 0, reserved: 0 });

/** Nova's names of quotas, with the microversion from which they are gone. */
const namesOf = (ctx: ComputeRequest, q: Quotas): [string, Quota][] => {
  const all: [name: string, quota: Quota, until: number][] = [
    ['instances', q.instances, Infinity],
    ['cores', q.cores, Infinity],
    ['ram', q.ram, Infinity],
    ['metadata_items', fixed(MOST_METADATA), Infinity],
    ['key_pairs', q.key_pairs, Infinity],
    ['server_groups', q.server_groups, Infinity],
    ['server_group_members', fixed(10), Infinity],
    ['fixed_ips', fixed(-1), 36],
    ['floating_ips', q.floatingip, 36],
    ['security_groups', q.security_group, 36],
    ['security_group_rules', q.security_group_rule, 36],
    ['injected_files', fixed(0), 57],
    ['injected_file_content_bytes', fixed(0), 57],
    ['injected_file_path_bytes', fixed(0), 57],
  ];
  return all.filter(([, , until]) => !since(ctx, until)).map(([name, quota]) => [name, quota]);
};
const limits = (ctx: ComputeRequest, q: Quotas, id?: string) => ({
  quota_set: {
    ...(id !== undefined && { id }),
    ...Object.fromEntries(namesOf(ctx, q).map(([name, { limit }]) => [name, limit])),
  },
});
const number = (value: number | string | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

const quotaEndpoints = [
  endpoint(facadeCompute.showQuotaSet, async (ctx, { params: { project } }) =>
    limits(ctx, await quotasOf(ctx, project), project),
  ),
  endpoint(facadeCompute.showQuotaDefaults, async (ctx, { params: { project } }) => {
    await quotasOf(ctx, project);
    return limits(ctx, defaultQuotas(), project);
  }),
  endpoint(facadeCompute.showQuotaDetail, async (ctx, { params: { project } }) => ({
    quota_set: {
      id: project,
      ...Object.fromEntries(
        namesOf(ctx, await quotasOf(ctx, project)).map(([name, { limit, inUse, reserved }]) => [
          name,
          { limit, in_use: inUse, reserved },
        ]),
      ),
    },
  })),
  endpoint(facadeCompute.updateQuotaSet, async (ctx, { params: { project }, body: { quota_set: b } }) => {
    const { force, tenant_id: _project, ...given } = b;
    const changes = Object.fromEntries(
      Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, number(value)]])),
    ) as Partial<Record<QuotaResource, number>>;
    return limits(ctx, await setQuotas(ctx, project, changes, /^(true|t|yes|y|on|1)$/i.test(String(force))));
  }),
  endpoint(facadeCompute.deleteQuotaSet, async (ctx, { params: { project } }) => {
    const none = { instances: null, cores: null, ram: null, key_pairs: null, server_groups: null };
    await setQuotas(ctx, project, none, true);
  }),
];

const limitEndpoints = [
  endpoint(facadeCompute.showLimits, async (ctx, { query }) => {
    const q = await quotasOf(ctx, queryText(query, 'tenant_id'));
    const used = (one: Quota): number => one.inUse + one.reserved;
    return {
      limits: {
        rate: [],
        absolute: {
          maxTotalInstances: q.instances.limit,
          maxTotalCores: q.cores.limit,
          maxTotalRAMSize: q.ram.limit,
          maxServerMeta: MOST_METADATA,
          maxTotalKeypairs: q.key_pairs.limit,
          maxServerGroups: q.server_groups.limit,
          maxServerGroupMembers: 10,
          totalInstancesUsed: used(q.instances),
          totalCoresUsed: used(q.cores),
          totalRAMUsed: used(q.ram),
          totalServerGroupsUsed: 0,
          ...(!since(ctx, 36) && {
            maxSecurityGroups: q.security_group.limit,
            maxSecurityGroupRules: q.security_group_rule.limit,
            maxTotalFloatingIps: q.floatingip.limit,
            totalFloatingIpsUsed: used(q.floatingip),
            totalSecurityGroupsUsed: used(q.security_group),
          }),
          ...(!since(ctx, 39) && { maxImageMeta: MOST_METADATA }),
          ...(!since(ctx, 57) && { maxPersonality: 0, maxPersonalitySize: 0 }),
        },
      },
    };
  }),
];
export const quotasEndpoints = [...quotaEndpoints, ...limitEndpoints];
