import { z } from 'zod';
import { boundedArray, boundedRecord } from '../../bounded.js';
import { next, nodeParam, nodesContract as contract, PAGING, queryOf, registryLinks, source } from './fields.js';

/** Its other fields depend on the version that is asked for and on `fields` (contract introspection §11.2). */
export const registryNode = z
  .looseObject({
    uuid: z.uuid().optional(),
    name: z.string().nullish(),
    driver: z.string().optional(),
    driver_info: z.record(z.string(), z.unknown()).optional().describe('Secrets are shown as ******'),
    properties: z.record(z.string(), z.unknown()).optional(),
    provision_state: z.string().nullish(),
    power_state: z.string().nullish(),
    maintenance: z.boolean().optional(),
    links: registryLinks,
  })
  .meta({ id: 'Node' });
const nodeList = z.object({ nodes: z.array(registryNode), next });
const FILTERS = [
  ...['provision_state', 'driver', 'maintenance', 'associated', 'resource_class', 'inspect_interface', 'owner'],
  ...['lessee', 'project', 'description_contains', 'instance_uuid', 'chassis_uuid', 'retired', 'fault'],
  ...['conductor_group', 'conductor', 'shard', 'sharded', 'parent_node', 'include_children'],
] as const;
const query = queryOf<string>(...PAGING, ...FILTERS);

export const listNodes = contract({
  method: 'get',
  path: '/baremetal/v1/nodes',
  summary: 'List nodes',
  description: 'Filters can be combined. Without `fields` and `detail` each node has its most important fields.',
  source: source('11.2'),
  access: 'user',
  status: 200,
  query,
  refusals: [404],
  response: nodeList,
});
export const listNodesInDetail = contract({
  method: 'get',
  path: '/baremetal/v1/nodes/detail',
  summary: 'List nodes with all fields',
  description: 'Filters, pages and fields are those of the short list.',
  source: source('11.2'),
  access: 'user',
  status: 200,
  query,
  refusals: [404],
  response: nodeList,
});
export const createNode = contract({
  method: 'post',
  path: '/baremetal/v1/nodes',
  summary: 'Register a node',
  description: 'Needs `driver`. The node begins in the state `enroll`.',
  source: source('11.2'),
  access: 'admin',
  status: 201,
  body: boundedRecord(z.unknown(), 100),
  response: registryNode,
  refusals: [409],
});
export const showNode = contract({
  method: 'get',
  path: '/baremetal/v1/nodes/:node_ident',
  summary: 'Show a node',
  description: 'By its UUID or its name. `fields` narrows what is shown; secrets are shown as asterisks.',
  source: source('11.2'),
  access: 'user',
  status: 200,
  params: nodeParam,
  query: queryOf('fields'),
  response: registryNode,
});
export const patchNode = contract({
  method: 'patch',
  path: '/baremetal/v1/nodes/:node_ident',
  summary: 'Change a node',
  description: 'The body is a JSON patch (RFC 6902) of `add`, `replace` and `remove`.',
  source: source('11.2'),
  access: 'admin',
  status: 200,
  params: nodeParam,
  query: queryOf('reset_interfaces'),
  body: boundedArray(z.unknown(), 1000),
  response: registryNode,
  refusals: [409],
});
export const deleteNode = contract({
  method: 'delete',
  path: '/baremetal/v1/nodes/:node_ident',
  summary: 'Remove a node',
  description: 'With its ports and all that was found out about it; 409 where its state forbids it.',
  source: source('11.2'),
  access: 'admin',
  status: 204,
  params: nodeParam,
  refusals: [409],
});
export const setMaintenance = contract({
  method: 'put',
  path: '/baremetal/v1/nodes/:node_ident/maintenance',
  summary: 'Put a node into maintenance',
  description: 'With a reason, if one is given. Nothing else changes.',
  source: source('11.2'),
  access: 'admin',
  status: 202,
  params: nodeParam,
  optionalBody: true,
  body: z.unknown(),
});
export const clearMaintenance = contract({
  method: 'delete',
  path: '/baremetal/v1/nodes/:node_ident/maintenance',
  summary: 'Take a node out of maintenance',
  description: 'The reason goes, too.',
  source: source('11.2'),
  access: 'admin',
  status: 202,
  params: nodeParam,
});
