import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';
import { nodeParam as params, registryContractIn, source } from './fields.js';

const contract = registryContractIn('provisioning');
const node = '/baremetal/v1/nodes/:node_ident';

export const setProvisionState = contract({
  method: 'put',
  path: `${node}/states/provision`,
  summary: 'Move a node on: manage, inspect, abort, provide',
  description: '`target` is the verb; it is done after the answer. 400 where the state of the node does not allow it.',
  source: source('11.3'),
  access: 'admin',
  status: 202,
  params,
  body: boundedRecord(z.unknown(), 20),
  refusals: [409],
});
export const showInventory = contract({
  method: 'get',
  path: `${node}/inventory`,
  summary: 'What the last inspection found',
  description: 'Answers the inventory as it came, and what hooks made of it.',
  source: source('11.2'),
  access: 'admin',
  status: 200,
  params,
  response: z.object({ inventory: z.record(z.string(), z.unknown()), plugin_data: z.record(z.string(), z.unknown()) }),
});
