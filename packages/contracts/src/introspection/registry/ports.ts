import { z } from 'zod';
import { boundedArray, boundedRecord } from '../../bounded.js';
import { next, nodeParam, nodesContract as contract, PAGING, queryOf, registryLinks, source } from './fields.js';

/** Its other fields depend on the version that is asked for and on `fields` (contract introspection §11.2). */
export const registryPort = z
  .looseObject({
    uuid: z.uuid().optional(),
    address: z.string().optional(),
    node_uuid: z.uuid().optional(),
    pxe_enabled: z.boolean().optional(),
    links: registryLinks,
  })
  .meta({ id: 'Port' });
const portList = z.object({ ports: z.array(registryPort), next });
const query = queryOf<string>(...PAGING, 'node', 'node_uuid', 'address', 'portgroup', 'shard');
const portParam = z.object({ port_uuid: z.string().describe('UUID of a port') });
const common = { source: source('11.2'), access: 'user', status: 200 } as const;

export const listPorts = contract({
  method: 'get',
  path: '/baremetal/v1/ports',
  summary: 'List ports',
  description: 'Of all nodes, or of the one that `node` names. Pages are as those of nodes.',
  ...common,
  query,
  refusals: [404],
  response: portList,
});
export const listPortsInDetail = contract({
  method: 'get',
  path: '/baremetal/v1/ports/detail',
  summary: 'List ports with all fields',
  description: 'Filters, pages and fields are those of the short list.',
  ...common,
  query,
  refusals: [404],
  response: portList,
});
export const listNodePorts = contract({
  method: 'get',
  path: '/baremetal/v1/nodes/:node_ident/ports',
  summary: 'List the ports of a node',
  description: 'Pages are as those of nodes.',
  ...common,
  params: nodeParam,
  query: queryOf<string>(...PAGING),
  response: portList,
});
export const listNodePortsInDetail = contract({
  method: 'get',
  path: '/baremetal/v1/nodes/:node_ident/ports/detail',
  summary: 'List the ports of a node with all fields',
  description: 'Pages are as those of nodes.',
  ...common,
  params: nodeParam,
  query: queryOf<string>(...PAGING),
  response: portList,
});
export const createPort = contract({
  method: 'post',
  path: '/baremetal/v1/ports',
  summary: 'Register a port',
  description: 'Needs `node_uuid` and `address`, a MAC that no other port has.',
  ...common,
  access: 'admin',
  status: 201,
  body: boundedRecord(z.unknown(), 100),
  response: registryPort,
  refusals: [409],
});
export const showPort = contract({
  method: 'get',
  path: '/baremetal/v1/ports/:port_uuid',
  summary: 'Show a port',
  description: 'By its UUID. `fields` narrows what is shown.',
  ...common,
  params: portParam,
  query: queryOf('fields'),
  response: registryPort,
});
export const patchPort = contract({
  method: 'patch',
  path: '/baremetal/v1/ports/:port_uuid',
  summary: 'Change a port',
  description: 'The body is a JSON patch (RFC 6902) of `add`, `replace` and `remove`.',
  ...common,
  access: 'admin',
  params: portParam,
  body: boundedArray(z.unknown(), 1000),
  response: registryPort,
  refusals: [409],
});
export const deletePort = contract({
  method: 'delete',
  path: '/baremetal/v1/ports/:port_uuid',
  summary: 'Remove a port',
  description: 'Its node is not recognised by this MAC any more.',
  ...common,
  access: 'admin',
  status: 204,
  params: portParam,
});
