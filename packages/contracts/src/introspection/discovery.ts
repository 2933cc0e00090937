import { z } from 'zod';
import { contractIn } from '../endpoint.js';

const contract = contractIn('access');
/** A link of the inspector API. */
export const link = z.object({ href: z.string(), rel: z.string() }).meta({ id: 'Link' });

export const showVersions = contract({
  method: 'get',
  path: '/',
  summary: 'The versions that are served',
  description: 'Answers the newest micro-version, as the original does. Needs no token.',
  source: 'contract introspection §2.1',
  access: 'public',
  status: 200,
  response: z.object({ versions: z.array(z.object({ id: z.string(), links: z.array(link), status: z.string() })) }),
});
export const showResources = contract({
  method: 'get',
  path: '/v1',
  summary: 'The resources of version 1',
  description: 'Answers the addresses of what there is. Needs no token.',
  source: 'contract introspection §2.2',
  access: 'public',
  status: 200,
  response: z.object({ resources: z.array(z.object({ links: z.array(link), name: z.string() })) }),
});
