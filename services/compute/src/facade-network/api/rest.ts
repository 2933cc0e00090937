import { facadeNetwork } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { zonesOf } from '../../facade/domain/regions.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { floatingStore, getResource } from '../domain/resources.js';
import { absentFloatingIp } from './floating-ips.js';

const endpoint = endpointFor<ComputeCtx>();

const versions = [
  endpoint(facadeNetwork.listVersions, async (ctx) =>
    Promise.resolve({
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: publicUrl(ctx, '/network/v2.0/') }] }],
    }),
  ),
  endpoint(facadeNetwork.showVersion, async (ctx) =>
    Promise.resolve({
      resources: [
        'networks',
        'subnets',
        'ports',
        'routers',
        'floatingips',
        'security-groups',
        'security-group-rules',
      ].map((name) => ({
        name: name.replace(/s$/, ''),
        collection: name,
        links: [{ rel: 'self', href: publicUrl(ctx, `/network/v2.0/${name}`) }],
      })),
    }),
  ),
];
/** What clients ask for before they use a part of the API. */
const EXTENSIONS: readonly (readonly [alias: string, name: string])[] = [
  ['availability_zone', 'Availability Zone'],
  ['binding', 'Port Binding'],
  ['external-net', 'Neutron external network'],
  ['ext-gw-mode', 'Neutron L3 Configurable external gateway mode'],
  ['filter-validation', 'Filter parameters validation'],
  ['net-mtu', 'Network MTU'],
  ['net-mtu-writable', 'Network MTU (writable)'],
  ['network_availability_zone', 'Network Availability Zone'],
  ['pagination', 'Pagination support'],
  ['port-security', 'Port Security'],
  ['project-id', 'project_id field enabled'],
  ['quotas', 'Quota management support'],
  ['quota_details', 'Quota details management support'],
  ['router', 'Neutron L3 Router'],
  ['router_availability_zone', 'Router Availability Zone'],
  ['security-group', 'security-group'],
  ['sorting', 'Sorting support'],
  ['standard-attr-description', 'standard-attr-description'],
  ['standard-attr-revisions', 'Resource revision numbers'],
  ['standard-attr-tag', 'Tag support for resources with standard attribute'],
  ['standard-attr-timestamp', 'Resource timestamps'],
];
const extensions = EXTENSIONS.map(([alias, name]) => ({
  alias,
  name,
  description: name,
  links: [],
  updated: '2015-01-01T10:00:00-00:00',
}));

/** What can not be made, by its name in the plural. */
const notHere = (what: string) => faceFault('invalid', `There are no ${what} in this cloud.`, 'HTTPBadRequest');
/** The list's name in its answer: the last part of its path. */
const nameOf = (path: string): string => path.replace(/^.*\//, '').replaceAll('-', '_');
/** Versions, extensions, zones, and what there is none of. */
export const restEndpoints = [
  ...versions,
  endpoint(facadeNetwork.listExtensions, async () => Promise.resolve({ extensions })),
  endpoint(facadeNetwork.showExtension, async (_ctx, { params: { alias } }) => {
    const extension = extensions.find((one) => one.alias === alias);
    if (!extension) throw faceFault('not_found', `Extension with alias ${alias} does not exist`, 'ExtensionNotFound');
    return Promise.resolve({ extension });
  }),
  endpoint(facadeNetwork.listZones, async (ctx) => ({
    availability_zones: (await zonesOf(ctx, false)).flatMap(({ id }) =>
      ['network', 'router'].map((resource) => ({ name: id, resource, state: 'available' })),
    ),
  })),
  ...facadeNetwork.emptyLists.map((contract, i) =>
    endpoint(contract, async (ctx) => {
      const name = facadeNetwork.EMPTY[i] as string;
      if (name === 'agents') demandAdmin(ctx);
      return Promise.resolve({ [nameOf(name)]: [] });
    }),
  ),
  ...facadeNetwork.refusedCreates.map((contract, i) =>
    endpoint(contract, async () =>
      Promise.reject(notHere(nameOf(facadeNetwork.EMPTY[i] as string).replaceAll('_', ' '))),
    ),
  ),
  endpoint(facadeNetwork.createPortForwarding, async (ctx, { params: { id } }) => {
    await named(() => getResource(ctx, floatingStore, id), absentFloatingIp.message(id), absentFloatingIp.type);
    throw notHere('port forwardings');
  }),
  endpoint(facadeNetwork.listPortForwardings, async (ctx, { params: { id } }) => {
    await named(() => getResource(ctx, floatingStore, id), absentFloatingIp.message(id), absentFloatingIp.type);
    return { port_forwardings: [] };
  }),
];
