import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { zonesOf } from '../../facade/domain/regions.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { demandKnownQuery } from './newer-fields.js';

const endpoint = endpointFor<ComputeCtx>();

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
/** Zones, extensions, and what there is none of: aggregates and groups of servers. */
export const zoneEndpoints = [
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
