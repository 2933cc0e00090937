import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { microseconds } from '../../facade/api/times.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { UUID } from '../../lists/uuid.js';
import { hostsOf, MOST_HOSTS, sumsOfHosts, type HostRow, type HostsAsked, type HostSums } from '../domain/hosts.js';
import { demandKnownQuery } from './newer-fields.js';

const endpoint = endpointFor<ComputeCtx>();

/** Hosts have numbers below 2.53, and uuids from then on. */
const numberOf = (id: string): number => Number.parseInt(id.slice(0, 7), 16);
const idOf = (ctx: ComputeRequest, h: HostRow) => (since(ctx, 53) ? h.id : numberOf(h.id));
const short = (ctx: ComputeRequest, h: HostRow) => ({
  id: idOf(ctx, h),
  hypervisor_hostname: h.hostName,
  state: h.state,
  status: h.status,
});
const sizes = (h: Omit<HostSums, 'count'>) => ({
  vcpus: h.vcpus,
  vcpus_used: h.vcpusUsed,
  memory_mb: h.memoryMb,
  memory_mb_used: h.memoryMbUsed,
  local_gb: h.localGb,
  local_gb_used: h.localGbUsed,
  free_ram_mb: h.memoryMb - h.memoryMbUsed,
  free_disk_gb: h.localGb - h.localGbUsed,
  running_vms: h.runningVms,
  current_workload: 0,
  disk_available_least: h.localGb - h.localGbUsed,
});
const whole = (ctx: ComputeRequest, h: HostRow) => ({
  ...short(ctx, h),
  hypervisor_type: h.type,
  hypervisor_version: 0,
  host_ip: '',
  service: { id: idOf(ctx, h), host: h.hostName, disabled_reason: null },
  ...(since(ctx, 88) ? { uptime: null } : { ...sizes(h), cpu_info: since(ctx, 28) ? {} : '' }),
});
/**
 * One page of hosts. A list that a microversion does not page ends at the same bound: its link says where it goes on.
 * @param limited whether the request may choose how many
 */
const pageOf = async (ctx: ComputeRequest, query: FaceQuery, limited: boolean, asked: HostsAsked) => {
  const limit = limited ? queryLimit(query, MOST_HOSTS) : MOST_HOSTS;
  const after = queryText(query, 'marker');
  if (after !== undefined && !UUID.test(after)) throw faceFault('invalid', `marker [${after.slice(0, 100)}] not found`);
  const found = await hostsOf(ctx, { ...asked, after, limit: limit + 1 });
  return { rows: found.slice(0, limit), more: found.length > limit };
};
/** Part of a host's name. @throws Fault invalid: from 2.53 what no name has */
const partOf = (ctx: ComputeRequest, query: FaceQuery): string | undefined => {
  const part = queryText(query, 'hypervisor_hostname_pattern');
  if (part !== undefined && since(ctx, 53) && !/^[a-zA-Z0-9\-._]{1,255}$/.test(part))
    throw faceFault(
      'invalid',
      `Invalid input for query parameters hypervisor_hostname_pattern. Value: ${part.slice(0, 100)}. ` +
        'It is no part of the name of a host',
    );
  return part;
};
/** The link to the next page, by the name that the list gives it. */
const linksOf = (
  ctx: ComputeRequest,
  req: Request,
  { key, path, rows, more }: { key: string; path: string; rows: readonly HostRow[]; more: boolean },
) => {
  const last = rows.at(-1);
  return more && last ? { [`${key}_links`]: nextLinks(ctx, req, path, last.id) } : {};
};
const noneMatches = (name: string) =>
  faceFault('not_found', `No hypervisor matching '${name.slice(0, 100)}' could be found.`);
/** The ids that a number stands for; those of a uuid are itself. */
const idsOf = (ctx: ComputeRequest, id: string): [string, string] | undefined => {
  if (since(ctx, 53)) return UUID.test(id) ? [id, id] : undefined;
  if (!/^\d{1,9}$/.test(id) || Number(id) > 0xfff_ffff) return undefined;
  const start = Number(id).toString(16).padStart(7, '0');
  return [`${start}0-0000-0000-0000-000000000000`, `${start}f-ffff-ffff-ffff-ffffffffffff`];
};
const hostWith = async (ctx: ComputeRequest, id: string): Promise<HostRow> => {
  demandAdmin(ctx);
  const ids = idsOf(ctx, id);
  const [found] = ids ? await hostsOf(ctx, { ids, limit: 1 }) : [];
  if (!found) throw faceFault('not_found', `Hypervisor with ID '${id}' could not be found.`);
  return found;
};
const demandBelow = (ctx: ComputeRequest, minor: number): void => {
  if (since(ctx, minor)) throw faceFault('not_found', 'The resource could not be found.');
};
const listed = (
  contract: typeof facadeCompute.listHypervisors | typeof facadeCompute.listHypervisorsDetail,
  view: (ctx: ComputeRequest, h: HostRow) => object,
) =>
  endpoint(contract, async (ctx, { req, query }) => {
    demandKnownQuery(ctx, query, ['limit', 'marker', 'hypervisor_hostname_pattern', 'with_servers'], 53);
    const part = partOf(ctx, query);
    const page = await pageOf(ctx, query, since(ctx, 33), { part });
    if (part !== undefined && !page.rows.length) throw noneMatches(part);
    return {
      hypervisors: page.rows.map((h) => view(ctx, h)),
      ...linksOf(ctx, req, { key: 'hypervisors', path: contract.path, ...page }),
    };
  });
const hypervisorEndpoints = [
  listed(facadeCompute.listHypervisorsDetail, whole),
  endpoint(facadeCompute.hypervisorStatistics, async (ctx) => {
    const sums = await sumsOfHosts(ctx);
    demandBelow(ctx, 88);
    return { hypervisor_statistics: { count: sums.count, ...sizes(sums) } };
  }),
  listed(facadeCompute.listHypervisors, short),
  endpoint(facadeCompute.searchHypervisors, async (ctx, { req, query, params: { id: name } }) => {
    demandBelow(ctx, 53);
    const page = await pageOf(ctx, query, false, { part: name });
    if (!page.rows.length) throw noneMatches(name);
    const path = facadeCompute.searchHypervisors.path.replace(':id', () => encodeURIComponent(name));
    return {
      hypervisors: page.rows.map((h) => short(ctx, h)),
      ...linksOf(ctx, req, { key: 'hypervisors', path, ...page }),
    };
  }),
  endpoint(facadeCompute.showHypervisor, async (ctx, { params, query }) => {
    demandKnownQuery(ctx, query, ['with_servers'], 53);
    return { hypervisor: whole(ctx, await hostWith(ctx, params.id)) };
  }),
  endpoint(facadeCompute.hypervisorUptime, async (ctx, { params }) => {
    demandBelow(ctx, 88);
    await hostWith(ctx, params.id);
    // Clients show a host without it then; they break on an uptime that is null.
    throw faceFault('unsupported', 'Virt driver does not support this function.');
  }),
  endpoint(facadeCompute.listServices, async (ctx, { req, query }) => {
    demandKnownQuery(ctx, query, ['host', 'binary', 'marker']);
    const binary = queryText(query, 'binary');
    const asked = await pageOf(ctx, query, false, { name: queryText(query, 'host') });
    const page = binary === undefined || binary === 'nova-compute' ? asked : { rows: [], more: false };
    return {
      services: page.rows.map((h) => ({
        id: idOf(ctx, h),
        binary: 'nova-compute',
        host: h.hostName,
        zone: h.regionId,
        status: h.status,
        state: h.state,
        updated_at: h.checkedAt && microseconds(h.checkedAt),
        disabled_reason: null,
        ...(since(ctx, 11) && { forced_down: false }),
      })),
      ...linksOf(ctx, req, { key: 'services', path: facadeCompute.listServices.path, ...page }),
    };
  }),
];
/** Hosts as they were listed before there were hypervisors. */
const olderEndpoints = [
  endpoint(facadeCompute.listHosts, async (ctx, { req, query }) => {
    demandBelow(ctx, 43);
    const page = await pageOf(ctx, query, false, { region: queryText(query, 'zone') });
    return {
      hosts: page.rows.map(({ hostName, regionId }) => ({ host_name: hostName, service: 'compute', zone: regionId })),
      ...linksOf(ctx, req, { key: 'hosts', path: facadeCompute.listHosts.path, ...page }),
    };
  }),
  endpoint(facadeCompute.showHost, async (ctx, { params: { id: host } }) => {
    demandBelow(ctx, 43);
    const [h] = await hostsOf(ctx, { name: host, limit: 1 });
    if (!h) throw faceFault('not_found', `Compute host ${host} could not be found.`);
    return {
      host: [
        { resource: { host, project: '(total)', cpu: h.vcpus, memory_mb: h.memoryMb, disk_gb: h.localGb } },
        {
          resource: {
            host,
            project: '(used_now)',
            cpu: h.vcpusUsed,
            memory_mb: h.memoryMbUsed,
            disk_gb: h.localGbUsed,
          },
        },
      ],
    };
  }),
];
export const hostEndpoints = [...hypervisorEndpoints, ...olderEndpoints];
