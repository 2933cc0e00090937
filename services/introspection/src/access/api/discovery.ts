import { introspection } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { linkTo } from './origin.js';
import { MAXIMUM } from './versions.js';

const endpoint = endpointFor<IntrospectionCtx>();
/** What there is (contract introspection §2.1, §2.2). */
export const discoveryEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.showVersions, async (ctx, { req }) => ({
    versions: [{ id: `1.${MAXIMUM}`, links: [{ href: linkTo(ctx, req, '/v1'), rel: 'self' }], status: 'CURRENT' }],
  })),
  endpoint(introspection.showResources, async (ctx, { req }) => ({
    resources: ['continue', 'introspection', 'rules'].map((name) => ({
      links: [{ href: linkTo(ctx, req, `/v1/${name}`), rel: 'self' }],
      name,
    })),
  })),
];
