import { introspection } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { REGISTRY_MAXIMUM, registryVersion } from '../../access/api/registry-version.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { linksTo, registryBase } from './links.js';

const endpoint = endpointFor<IntrospectionCtx>();
const versionView = (base: string) => ({
  id: 'v1',
  links: [{ href: `${base}/v1/`, rel: 'self' }],
  min_version: '1.1',
  status: 'CURRENT',
  version: `1.${REGISTRY_MAXIMUM}`,
});
/** What the registry has, from which version on. */
const RESOURCES: Readonly<Record<string, number>> = {
  nodes: 1,
  ports: 1,
  drivers: 1,
  continue_inspection: 84,
  inspection_rules: 96,
};
/** What there is (contract introspection §11.2). */
export const registryRootEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.showRegistry, async (ctx, { req }) => {
    const version = versionView(registryBase(ctx, req));
    return {
      name: 'OpenStack Ironic API',
      description: 'Registers bare metal machines and drives them, as the OpenStack Bare Metal API does.',
      default_version: version,
      versions: [version],
    };
  }),
  endpoint(introspection.showRegistryV1, async (ctx, { req }) => {
    const base = registryBase(ctx, req);
    const version = registryVersion(req);
    const known = Object.keys(RESOURCES).filter((name) => (RESOURCES[name] as number) <= version);
    return {
      id: 'v1',
      links: [{ href: `${base}/v1/`, rel: 'self' }],
      media_types: { base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' },
      version: versionView(base),
      ...Object.fromEntries(known.map((name) => [name, linksTo(base, `${name}/`)])),
    };
  }),
];
