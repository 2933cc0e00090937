import { z } from 'zod';
import { boundedArray } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import { novaAddress, novaBoolean, novaDevice, novaTag, novaUuid } from './parameter-types.js';
import { AT, document, user, withPart } from './server-fields.js';

const contract = contractIn('facade-compute');

export const createConsole = contract({
  ...user,
  method: 'post',
  path: `${AT}/remote-consoles`,
  status: 200,
  summary: 'The address of a console',
  params: idParams,
  body: z.strictObject({
    remote_console: z.strictObject({
      protocol: z.enum(['vnc', 'spice', 'serial', 'mks']),
      type: z.enum(['novnc', 'xvpvnc', 'spice-html5', 'serial', 'webmks']),
    }),
  }),
  response: document,
});

const attachment = z.strictObject({
  volumeId: novaUuid,
  device: novaDevice.nullish(),
  tag: novaTag.optional(),
  delete_on_termination: novaBoolean.optional(),
});
const attachments = `${AT}/os-volume_attachments`;
export const listAttachments = contract({
  ...user,
  method: 'get',
  path: attachments,
  status: 200,
  summary: 'Volumes of a server',
  params: idParams,
  query: anyQuery,
  response: document,
});
export const attachVolume = contract({
  ...user,
  method: 'post',
  path: attachments,
  status: 200,
  summary: 'Attach a volume',
  params: idParams,
  body: z.strictObject({ volumeAttachment: attachment }),
  response: document,
});
export const showAttachment = contract({
  ...user,
  method: 'get',
  path: `${attachments}/:volume`,
  status: 200,
  summary: 'One volume of a server',
  params: withPart('volume'),
  response: document,
});
export const changeAttachment = contract({
  ...user,
  method: 'put',
  path: `${attachments}/:volume`,
  status: 202,
  summary: 'Change whether a volume goes with its server',
  params: withPart('volume'),
  body: z.strictObject({
    volumeAttachment: attachment.extend({ id: novaUuid.optional(), serverId: novaUuid.optional() }),
  }),
});
export const detachVolume = contract({
  ...user,
  method: 'delete',
  path: `${attachments}/:volume`,
  status: 202,
  summary: 'Detach a volume',
  params: withPart('volume'),
});

const interfaces = `${AT}/os-interface`;
export const listInterfaces = contract({
  ...user,
  method: 'get',
  path: interfaces,
  status: 200,
  summary: 'Interfaces of a server',
  params: idParams,
  response: document,
});
export const attachInterface = contract({
  ...user,
  method: 'post',
  path: interfaces,
  status: 200,
  summary: 'Give a server an interface',
  params: idParams,
  body: z.strictObject({
    interfaceAttachment: z
      .strictObject({
        net_id: novaUuid.optional(),
        port_id: novaUuid.optional(),
        fixed_ips: boundedArray(z.strictObject({ ip_address: novaAddress }), 1, 1).optional(),
        tag: novaTag.optional(),
      })
      .optional(),
  }),
  response: document,
});
export const showInterface = contract({
  ...user,
  method: 'get',
  path: `${interfaces}/:port`,
  status: 200,
  summary: 'One interface of a server',
  params: withPart('port'),
  response: document,
});
export const detachInterface = contract({
  ...user,
  method: 'delete',
  path: `${interfaces}/:port`,
  status: 202,
  summary: 'Take an interface away',
  params: withPart('port'),
});

export const listServerGroupsOf = contract({
  ...user,
  method: 'get',
  path: `${AT}/os-security-groups`,
  status: 200,
  summary: 'Security groups of a server',
  params: idParams,
  response: document,
});
export const listSecurityGroups = contract({
  ...user,
  method: 'get',
  path: '/compute/v2.1/os-security-groups',
  status: 200,
  summary: 'Security groups of the project, below 2.36: clients look a group up before they add it to a server',
  query: anyQuery,
  response: document,
});
export const showSecurityGroup = contract({
  ...user,
  method: 'get',
  path: '/compute/v2.1/os-security-groups/:id',
  status: 200,
  summary: 'One security group, below 2.36',
  params: idParams,
  response: document,
});
export const listIps = contract({
  ...user,
  method: 'get',
  path: `${AT}/ips`,
  status: 200,
  summary: 'Addresses of a server, by network',
  params: idParams,
  response: document,
});
export const listIpsOf = contract({
  ...user,
  method: 'get',
  path: `${AT}/ips/:network`,
  status: 200,
  summary: 'Addresses of a server on one network',
  params: withPart('network'),
  response: document,
});
