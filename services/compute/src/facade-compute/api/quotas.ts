import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { queryText } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { defaultQuotas, quotasOf, setQuotas, type LimitChanges } from '../../facade/domain/quotas.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import type { Quota, QuotaResource, Quotas } from '../../projects/quota-resources.js';
import { MOST_METADATA } from '../domain/metadata.js';
import { demandFieldsOf, demandKnownQuery, type Spans } from './newer-fields.js';

const endpoint = endpointFor<ComputeCtx>();
/** Quotas that no project has of its own. */
const FIXED: ReadonlySet<string> = new Set([
  'metadata_items',
  'server_group_members',
  'fixed_ips',
  'networks',
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
]);
const fixed = (limit: number): Quota => ({ limit, inUse: 0, reserved: 0 });

/**
 * Nova's names of quotas, with the microversion from which they are gone.
 * @param networking the one from which those of networks are
 */
const namesOf = (ctx: ComputeRequest, q: Quotas, networking = 36): [string, Quota][] => {
  const all: [name: string, quota: Quota, until: number][] = [
    ['instances', q.instances, Infinity],
    ['cores', q.cores, Infinity],
    ['ram', q.ram, Infinity],
    ['metadata_items', fixed(MOST_METADATA), Infinity],
    ['key_pairs', q.key_pairs, Infinity],
    ['server_groups', q.server_groups, Infinity],
    ['server_group_members', fixed(10), Infinity],
    ['fixed_ips', fixed(-1), networking],
    ['floating_ips', q.floatingip, networking],
    ['security_groups', q.security_group, networking],
    ['security_group_rules', q.security_group_rule, networking],
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
const OF_NETWORKS = [[1, 36]] as const;
const OF_FILES = [[1, 57]] as const;
/** Which versions have the quotas that newer ones have not. */
const OLDER: Spans = {
  fixed_ips: OF_NETWORKS,
  floating_ips: OF_NETWORKS,
  security_groups: OF_NETWORKS,
  security_group_rules: OF_NETWORKS,
  networks: OF_NETWORKS,
  injected_files: OF_FILES,
  injected_file_content_bytes: OF_FILES,
  injected_file_path_bytes: OF_FILES,
};
/** The portal's names of quotas that Nova calls otherwise. */
const PORTAL_NAMES: Readonly<Record<string, QuotaResource>> = {
  floating_ips: 'floatingip',
  security_groups: 'security_group',
  security_group_rules: 'security_group_rule',
};
/**
 * What a request sets. Some limits are the same for all projects: they may be said, but not changed.
 * @throws Fault invalid
 */
const changesOf = (ctx: ComputeRequest, given: object): LimitChanges => {
  const always = new Map(namesOf(ctx, defaultQuotas()).filter(([name]) => FIXED.has(name)));
  const changes: LimitChanges = {};
  for (const [name, value] of Object.entries(given) as [string, number | undefined][]) {
    if (value === undefined) continue;
    if (FIXED.has(name)) {
      if (value !== always.get(name)?.limit)
        throw faceFault('invalid', `The quota ${name} is the same for all projects and can not be set.`);
    } else changes[PORTAL_NAMES[name] ?? (name as QuotaResource)] = value;
  }
  return changes;
};

const quotaEndpoints = [
  endpoint(facadeCompute.showQuotaSet, async (ctx, { params: { project }, query }) => {
    demandKnownQuery(ctx, query, ['user_id']);
    return limits(ctx, await quotasOf(ctx, project), project);
  }),
  endpoint(facadeCompute.showQuotaDefaults, async (ctx, { params: { project } }) => {
    await quotasOf(ctx, project);
    return limits(ctx, defaultQuotas(), project);
  }),
  endpoint(facadeCompute.showQuotaDetail, async (ctx, { params: { project }, query }) => {
    demandKnownQuery(ctx, query, ['user_id']);
    const all = namesOf(ctx, await quotasOf(ctx, project));
    const details = all.map(
      ([name, { limit, inUse, reserved }]) => [name, { limit, in_use: inUse, reserved }] as const,
    );
    return { quota_set: { id: project, ...Object.fromEntries(details) } };
  }),
  endpoint(facadeCompute.updateQuotaSet, async (ctx, { params: { project }, query, body: { quota_set: b } }) => {
    demandKnownQuery(ctx, query, ['user_id']);
    demandFieldsOf(ctx, b, OLDER, 'quota_set');
    const { force = false, tenant_id: _project, ...given } = b;
    return limits(ctx, await setQuotas(ctx, project, changesOf(ctx, given), force));
  }),
  endpoint(facadeCompute.deleteQuotaSet, async (ctx, { params: { project } }) => {
    const none = { instances: null, cores: null, ram: null, key_pairs: null, server_groups: null };
    await setQuotas(ctx, project, none, true);
  }),
];

/** Below 2.50 a class has the networks' quotas, from then on those of server groups. */
const isOfClass = (ctx: ComputeRequest, name: string): boolean =>
  since(ctx, 50) || !['server_groups', 'server_group_members'].includes(name);
const classEndpoints = [
  endpoint(facadeCompute.showQuotaClass, async (ctx, { params: { id } }) => {
    demandAdmin(ctx);
    const all = namesOf(ctx, defaultQuotas(), 50).filter(([name]) => isOfClass(ctx, name));
    return Promise.resolve({
      quota_class_set: { id, ...Object.fromEntries(all.map(([name, { limit }]) => [name, limit])) },
    });
  }),
  endpoint(facadeCompute.updateQuotaClass, async (ctx) => {
    demandAdmin(ctx);
    return Promise.reject(faceFault('unsupported', 'The default quotas are fixed: set those of a project.'));
  }),
];
const limitEndpoints = [
  endpoint(facadeCompute.showLimits, async (ctx, { query }) => {
    demandKnownQuery(ctx, query, ['tenant_id']);
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
export const quotasEndpoints = [...quotaEndpoints, ...classEndpoints, ...limitEndpoints];
