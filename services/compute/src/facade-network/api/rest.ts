import { facadeNetwork } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { z } from 'zod';
import type { ComputeCtx } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { faceFault } from '../../facade/api/refused.js';
import { defaultQuotas, quotasOf, setQuotas } from '../../facade/domain/quotas.js';
import { zonesOf } from '../../facade/domain/regions.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import type { Quota, Quotas } from '../../projects/quota-resources.js';
import { readAttributes, unwrap } from './attributes.js';

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
  ['external-net', 'Neutron external network'],
  ['ext-gw-mode', 'Neutron L3 Configurable external gateway mode'],
  ['filter-validation', 'Filter parameters validation'],
  ['net-mtu', 'Network MTU'],
  ['pagination', 'Pagination support'],
  ['port-security', 'Port Security'],
  ['project-id', 'project_id field enabled'],
  ['quotas', 'Quota management support'],
  ['quota_details', 'Quota details management support'],
  ['router', 'Neutron L3 Router'],
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

const KEYS = [
  ['network', 'network'],
  ['subnet', 'subnet'],
  ['port', 'port'],
  ['router', 'router'],
  ['floatingip', 'floatingip'],
  ['security_group', 'security_group'],
  ['security_group_rule', 'security_group_rule'],
] as const;
const OTHERS = ['rbac_policy', 'subnetpool'];
const quotaView = (q: Quotas) => ({
  quota: {
    ...Object.fromEntries(KEYS.map(([name, key]) => [name, q[key].limit])),
    ...Object.fromEntries(OTHERS.map((name) => [name, -1])),
  },
});
const details = (q: Quotas) => {
  const shown = ({ limit, inUse, reserved }: Quota) => ({ limit, used: inUse, reserved });
  return {
    quota: {
      ...Object.fromEntries(KEYS.map(([name, key]) => [name, shown(q[key])])),
      ...Object.fromEntries(OTHERS.map((name) => [name, { limit: -1, used: 0, reserved: 0 }])),
    },
  };
};
const limit = z.union([z.int().min(-1).max(2_147_483_647), z.string().regex(/^(-1|\d{1,9})$/)]).optional();
const quotaBody = z.strictObject({
  ...Object.fromEntries(KEYS.map(([name]) => [name, limit])),
  force: z.boolean().optional(),
  check_limit: z.boolean().optional(),
  tenant_id: z.string().max(255).optional(),
  project_id: z.string().max(255).optional(),
});
const quotas = [
  endpoint(facadeNetwork.listQuotas, async (ctx) => {
    demandAdmin(ctx);
    return Promise.resolve({ quotas: [] });
  }),
  endpoint(facadeNetwork.showQuota, async (ctx, { params: { project } }) => quotaView(await quotasOf(ctx, project))),
  endpoint(facadeNetwork.showDefaultQuota, async (ctx, { params: { project } }) => {
    await quotasOf(ctx, project);
    return quotaView(defaultQuotas());
  }),
  endpoint(facadeNetwork.showQuotaDetails, async (ctx, { params: { project } }) =>
    details(await quotasOf(ctx, project)),
  ),
  endpoint(facadeNetwork.showQuotaDetailsPlain, async (ctx, { params: { project } }) =>
    details(await quotasOf(ctx, project)),
  ),
  endpoint(facadeNetwork.updateQuota, async (ctx, { params: { project }, body }) => {
    demandAdmin(ctx);
    const given = unwrap(body, { singular: 'quota', plural: 'quotas' });
    if (!('one' in given)) throw faceFault('invalid', "Unable to find 'quota' in request body", 'HTTPBadRequest');
    const b = readAttributes(quotaBody, given.one) as Record<string, unknown>;
    const changes = Object.fromEntries(
      KEYS.flatMap(([name, key]) => (b[name] === undefined ? [] : [[key, Number(b[name])]])),
    );
    // Neutron takes a limit below what is used, unless it is told to check.
    return quotaView(await setQuotas(ctx, project, changes, b.check_limit !== true));
  }),
  endpoint(facadeNetwork.deleteQuota, async (ctx, { params: { project } }) => {
    await setQuotas(ctx, project, Object.fromEntries(KEYS.map(([, key]) => [key, null])), true);
  }),
];

/** Versions, extensions, zones, quotas, and what there is none of. */
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
      return Promise.resolve({ [name.replaceAll('-', '_')]: [] });
    }),
  ),
  ...quotas,
];
