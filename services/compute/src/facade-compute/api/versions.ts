import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { NOVA } from './face.js';

const endpoint = endpointFor<ComputeCtx>();

const version = (ctx: ComputeRequest) => ({
  id: 'v2.1',
  status: 'CURRENT',
  version: `${NOVA.major}.${NOVA.max}`,
  min_version: `${NOVA.major}.${NOVA.min}`,
  updated: '2013-07-23T11:33:21Z',
  links: [{ rel: 'self', href: publicUrl(ctx, '/compute/v2.1/') }],
});
const DESCRIBED_BY = { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/api-ref/compute/' };
const MEDIA_TYPES = [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }];

/** What clients ask before anything else (contract compute §12.2). */
export const versionEndpoints = [
  endpoint(facadeCompute.listVersions, async (ctx) => Promise.resolve({ versions: [version(ctx)] })),
  endpoint(facadeCompute.showVersion, async (ctx) => {
    const one = version(ctx);
    return Promise.resolve({ version: { ...one, links: [...one.links, DESCRIBED_BY], 'media-types': MEDIA_TYPES } });
  }),
];
