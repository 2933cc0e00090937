import { z } from 'zod';
import { nodesContract as contract, registryLinks, source } from './fields.js';

const version = z.object({
  id: z.string(),
  links: registryLinks,
  min_version: z.string(),
  status: z.string(),
  version: z.string(),
});
export const showRegistry = contract({
  method: 'get',
  path: '/baremetal',
  summary: 'The versions of the registry',
  description: 'Needs no token.',
  source: source('11.2'),
  access: 'public',
  status: 200,
  response: z.object({
    name: z.string(),
    description: z.string(),
    default_version: version,
    versions: z.array(version),
  }),
});
export const showRegistryV1 = contract({
  method: 'get',
  path: '/baremetal/v1',
  summary: 'The resources of the registry',
  description: 'Needs no token.',
  source: source('11.2'),
  access: 'public',
  status: 200,
  response: z.looseObject({
    id: z.string(),
    links: registryLinks,
    media_types: z.unknown(),
    version,
    nodes: registryLinks,
    ports: registryLinks,
    drivers: registryLinks,
  }),
});
