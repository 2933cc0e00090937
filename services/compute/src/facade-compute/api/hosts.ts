import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { microseconds } from '../../facade/api/times.js';
import { zonesOf } from '../../facade/domain/regions.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { UUID } from '../../lists/uuid.js';
import { hostsOf, type HostRow } from '../domain/hosts.js';
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
const sizes = (h: HostRow) => ({
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
const MOST = 1000;
const noneMatches = (name: string) =>
  faceFault('not_found', `No hypervisor matching '${name.slice(0, 100)}' could be found.`);
const pageOf = async (ctx: ComputeRequest, query: FaceQuery) => {
  demandKnownQuery(ctx, query, ['limit', 'marker', 'hypervisor_hostname_pattern', 'with_servers'], 53);
  const paged = since(ctx, 33);
  const limit = paged ? queryLimit(query, MOST) : MOST;
  const marker = paged ? queryText(query, 'marker') : undefined;
  if (marker !== undefined && !UUID.test(marker))
    throw faceFault('invalid', `marker [${marker.slice(0, 100)}] not found`);
  const name = queryText(query, 'hypervisor_hostname_pattern') ?? null;
  const found = await hostsOf(ctx, { limit: limit + 1, after: marker ?? null, name });
  if (name !== null && !found.length) throw noneMatches(name);
  return { rows: found.slice(0, limit), more: found.length > limit };
};
const hostWith = async (ctx: ComputeRequest, id: string): Promise<HostRow> => {
  const rows = await hostsOf(ctx, { limit: MOST, after: null, name: null });
  const found = rows.find((h) => String(idOf(ctx, h)) === id);
  if (!found) throw faceFault('not_found', `Hypervisor with ID '${id}' could not be found.`);
  return found;
};
const demandBelow = (ctx: ComputeRequest, minor: number): void => {
  if (since(ctx, minor)) throw faceFault('not_found', 'The resource could not be found.');
};
const sum = (rows: readonly HostRow[], key: keyof ReturnType<typeof sizes>): number =>
  rows.reduce((total, h) => total + sizes(h)[key], 0);

const listed = (
  contract: typeof facadeCompute.listHypervisors | typeof facadeCompute.listHypervisorsDetail,
  view: (ctx: ComputeRequest, h: HostRow) => object,
) =>
  endpoint(contract, async (ctx, { req, query }) => {
    const { rows, more } = await pageOf(ctx, query);
    const last = rows.at(-1);
    return {
      hypervisors: rows.map((h) => view(ctx, h)),
      ...(more && last && { hypervisors_links: nextLinks(ctx, req, contract.path, last.id) }),
    };
  });
const hypervisorEndpoints = [
  listed(facadeCompute.listHypervisorsDetail, whole),
  endpoint(facadeCompute.hypervisorStatistics, async (ctx) => {
    const rows = await hostsOf(ctx, { limit: MOST, after: null, name: null });
    demandBelow(ctx, 88);
    const keys = Object.keys(sizes({} as HostRow)) as (keyof ReturnType<typeof sizes>)[];
    return {
      hypervisor_statistics: { count: rows.length, ...Object.fromEntries(keys.map((key) => [key, sum(rows, key)])) },
    };
  }),
  listed(facadeCompute.listHypervisors, short),
  endpoint(facadeCompute.searchHypervisors, async (ctx, { params: { id: name } }) => {
    demandBelow(ctx, 53);
    const found = await hostsOf(ctx, { limit: MOST, after: null, name });
    if (!found.length) throw noneMatches(name);
    return { hypervisors: found.map((h) => short(ctx, h)) };
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
  endpoint(facadeCompute.listServices, async (ctx, { query }) => {
    demandKnownQuery(ctx, query, ['host', 'binary']);
    const [host, binary] = [queryText(query, 'host'), queryText(query, 'binary')];
    const all = await hostsOf(ctx, { limit: MOST, after: null, name: host ?? null });
    const asked = all.filter(({ hostName }) => host === undefined || hostName === host);
    return {
      services: (binary === undefined || binary === 'nova-compute' ? asked : []).map((h) => ({
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
    };
  }),
];
/** Hosts as they were listed before there were hypervisors. */
const olderEndpoints = [
  endpoint(facadeCompute.listHosts, async (ctx, { query }) => {
    demandBelow(ctx, 43);
    const zone = queryText(query, 'zone');
    const all = await hostsOf(ctx, { limit: MOST, after: null, name: null });
    return {
      hosts: all
        .filter(({ regionId }) => zone === undefined || regionId === zone)
        .map(({ hostName, regionId }) => ({ host_name: hostName, service: 'compute', zone: regionId })),
    };
  }),
  endpoint(facadeCompute.showHost, async (ctx, { params: { id: host } }) => {
    demandBelow(ctx, 43);
    const h = (await hostsOf(ctx, { limit: MOST, after: null, name: host })).find((one) => one.hostName === host);
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

const zones = (contract: typeof facadeCompute.listZones | typeof facadeCompute.listZonesDetail, detail: boolean) =>
  endpoint(contract, async (ctx) => {
    if (detail) demandAdmin(ctx);
    return {
      availabilityZoneInfo: (await zonesOf(ctx, detail)).map(({ id, enabled }) => ({
        zoneName: id,
        zoneState: { available: enabled },
        hosts: detail ? {} : null,
      })),
    };
  });
/** Extensions that clients look for before they use a part of the API. */
const EXTENSIONS = [
  'os-availability-zone',
  'os-extended-volumes',
  'os-flavor-access',
  'os-flavor-extra-specs',
  'os-hypervisors',
  'os-instance-actions',
  'os-keypairs',
  'os-lock-server',
  'os-quota-sets',
  'os-rescue',
  'os-shelve',
  'os-simple-tenant-usage',
  'os-volumes',
].map((alias) => ({ alias, name: alias, description: '', links: [], namespace: '', updated: '2014-12-03T00:00:00Z' }));
const nothing = (key: string) => async (): Promise<object> => Promise.resolve({ [key]: [] });
const noGroup = (id: string) => faceFault('not_found', `Instance group ${id} could not be found.`);
const restEndpoints = [
  zones(facadeCompute.listZonesDetail, true),
  zones(facadeCompute.listZones, false),
  endpoint(facadeCompute.listAggregates, async (ctx) => {
    demandAdmin(ctx);
    return nothing('aggregates')();
  }),
  endpoint(facadeCompute.listServerGroups, async (ctx, { query }) => {
    demandKnownQuery(ctx, query, ['all_projects', 'limit', 'offset']);
    return nothing('server_groups')();
  }),
  endpoint(facadeCompute.createServerGroup, async () =>
    Promise.reject(faceFault('unsupported', 'Server groups are not supported.')),
  ),
  endpoint(facadeCompute.showServerGroup, async (_ctx, { params: { id } }) => Promise.reject(noGroup(id))),
  endpoint(facadeCompute.deleteServerGroup, async (_ctx, { params: { id } }) => Promise.reject(noGroup(id))),
  endpoint(facadeCompute.listExtensions, async () => Promise.resolve({ extensions: EXTENSIONS })),
  endpoint(facadeCompute.showExtension, async (_ctx, { params: { alias } }) => {
    const extension = EXTENSIONS.find((one) => one.alias === alias);
    if (!extension) throw faceFault('not_found', 'The resource could not be found.');
    return Promise.resolve({ extension });
  }),
];
export const hostEndpoints = [...hypervisorEndpoints, ...olderEndpoints, ...restEndpoints];
