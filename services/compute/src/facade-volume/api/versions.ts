import { facadeVolume } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { CINDER } from './face.js';

const endpoint = endpointFor<ComputeCtx>();
const document = (ctx: ComputeRequest) => ({
  versions: [
    {
      id: 'v3.0',
      status: 'CURRENT',
      version: `${CINDER.major}.${CINDER.max}`,
      min_version: `${CINDER.major}.${CINDER.min}`,
      updated: '2023-08-31T00:00:00Z',
      links: [
        { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
        { rel: 'self', href: publicUrl(ctx, '/volume/v3/') },
      ],
      'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
    },
  ],
});
/** What clients ask before anything else. */
export const versionEndpoints = [
  endpoint(facadeVolume.listVersions, async (ctx) => Promise.resolve(document(ctx))),
  endpoint(facadeVolume.showVersion, async (ctx) => Promise.resolve(document(ctx))),
];
