import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import type { Settings } from '../../config.js';

const endpoint = endpointFor<IdentityCtx>();
const v2 = ({ publicUrl }: Settings) => ({
  id: 'v2.0',
  status: 'CURRENT',
  updated: '2014-04-17T00:00:00Z',
  links: [{ rel: 'self', href: `${publicUrl}/identity/v2.0/` }],
});
const media = (version: string) => {
  const types = [{ base: 'application/json', type: `application/vnd.openstack.identity-${version}+json` }];
  return { media_types: types, 'media-types': types };
};
const v3 = ({ publicUrl }: Settings) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${publicUrl}/identity/v3/` }],
  'media-types': media('v3')['media-types'],
});
export const discoveryEndpoints = [
  endpoint(identity.listVersions, async ({ settings }) => ({ versions: { values: [v3(settings), v2(settings)] } })),
  endpoint(identity.getVersion2, async ({ settings }) => ({
    version: {
      ...v2(settings),
      ...media('v2.0'),
      links: [...v2(settings).links, { rel: 'describedby', type: 'text/html', href: `${settings.publicUrl}/docs/` }],
    },
  })),
  endpoint(identity.getVersion3, async ({ settings }) => ({ version: v3(settings) })),
  endpoint(identity.listExtensions, async () => ({ extensions: { values: [] } })),
];
