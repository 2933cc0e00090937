import { z } from 'zod';
import { boundedArray } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { idParams } from '../fields.js';

const contract = contractIn('facade-compute');
const source = 'contract compute §12.3';
const PATH = '/compute/v2.1/servers/:id/os-interface';
const ONE = `${PATH}/:port`;
const portParams = idParams.extend({ port: z.string().max(255) });
const attachment = z.looseObject({
  net_id: z.string(),
  port_id: z.string(),
  mac_addr: z.string(),
  port_state: z.string(),
  fixed_ips: z.array(z.object({ subnet_id: z.string(), ip_address: z.string() })),
});
const shown = z.object({ interfaceAttachment: attachment });

export const listServerInterfaces = contract({
  method: 'get',
  path: PATH,
  access: 'user',
  status: 200,
  summary: 'The interfaces of a server',
  source,
  params: idParams,
  response: z.object({ interfaceAttachments: z.array(attachment) }),
});
export const showServerInterface = contract({
  method: 'get',
  path: ONE,
  access: 'user',
  status: 200,
  summary: 'One interface of a server',
  source,
  params: portParams,
  response: shown,
});
export const attachServerInterface = contract({
  method: 'post',
  path: PATH,
  access: 'user',
  status: 200,
  summary: 'Give a server one more interface',
  description: 'On a network, or with a port that is there. The machine gets it by a job.',
  source,
  params: idParams,
  body: z.strictObject({
    interfaceAttachment: z.strictObject({
      net_id: z.uuid().optional(),
      port_id: z.uuid().optional(),
      fixed_ips: boundedArray(
        z.strictObject({ ip_address: z.union([z.ipv4(), z.ipv6()]), subnet_id: z.uuid().optional() }),
        1,
        1,
      ).optional(),
      tag: z.string().max(60).optional(),
    }),
  }),
  response: shown,
});
export const detachServerInterface = contract({
  method: 'delete',
  path: ONE,
  access: 'user',
  status: 202,
  summary: 'Take an interface from a server',
  source,
  params: portParams,
});
