import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';
import { nodeParam as params, registryContractIn, source } from './fields.js';

const contract = registryContractIn('bmc');
const node = '/baremetal/v1/nodes/:node_ident';
const device = `${node}/management/boot_device` as const;
/** A BMC that somebody else speaks to is 409; one that does not answer 502. */
const refusals = [409, 502] as const;
const body = boundedRecord(z.unknown(), 10);

export const validateNode = contract({
  method: 'get',
  path: `${node}/validate`,
  summary: 'Whether driver_info has what the driver needs',
  description: 'Of each interface whether it can be used, and why not. The BMC is not asked.',
  source: source('11.2'),
  access: 'user',
  status: 200,
  params,
  response: z.record(z.string(), z.object({ result: z.boolean().nullable(), reason: z.string().optional() })),
});
export const showStates = contract({
  method: 'get',
  path: `${node}/states`,
  summary: 'The states of a node',
  description:
    'Answers what is known of its power and of its provisioning, and what is asked for. No machine is asked.',
  source: source('11.2'),
  access: 'user',
  status: 200,
  params,
  response: z.looseObject({
    power_state: z.string().nullable(),
    target_power_state: z.string().nullable(),
    provision_state: z.string().nullable(),
    target_provision_state: z.string().nullable(),
    last_error: z.string().nullable(),
  }),
});
export const setPower = contract({
  method: 'put',
  path: `${node}/states/power`,
  summary: 'Switch a machine',
  description:
    '`target` is `power on`, `power off`, `rebooting`, `soft power off` or `soft rebooting`; it is done after the ' +
    'answer.',
  source: source('11.2'),
  access: 'admin',
  status: 202,
  params,
  body,
  refusals: [409],
});
export const showBootDevice = contract({
  method: 'get',
  path: device,
  summary: 'What a machine boots from next',
  description: 'Asks the BMC of the node.',
  source: source('11.2'),
  access: 'admin',
  status: 200,
  params,
  response: z.object({ boot_device: z.string().nullable(), persistent: z.boolean().nullable() }),
  refusals,
});
export const setBootDevice = contract({
  method: 'put',
  path: device,
  summary: 'Choose what a machine boots from next',
  description: 'Tells the BMC of the node: for the next start, or for all when `persistent` is true.',
  source: source('11.2'),
  access: 'admin',
  status: 204,
  params,
  body,
  refusals,
});
export const listBootDevices = contract({
  method: 'get',
  path: `${device}/supported`,
  summary: 'What a machine can boot from',
  description: 'Answers the devices that the driver of the node can set.',
  source: source('11.2'),
  access: 'admin',
  status: 200,
  params,
  response: z.object({ supported_boot_devices: z.array(z.string()) }),
  refusals,
});
