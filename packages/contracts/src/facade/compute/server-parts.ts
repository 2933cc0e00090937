import { z } from 'zod';
import { boundedArray } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import {
  novaAddress,
  novaBoolean,
  novaDevice,
  novaMetadata,
  novaTag,
  novaUuid,
  serverMetadata,
} from './parameter-types.js';

const contract = contractIn('facade-compute');
const source = 'contract compute §12.3';
const user = { access: 'user', source } as const;
const AT = '/compute/v2.1/servers/:id';
const text = z.string().max(255);
const withPart = <N extends string>(part: N) => idParams.extend({ [part]: text } as Record<N, typeof text>);
const document = z.looseObject({});

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

const meta = `${AT}/metadata`;
export const getMetadata = contract({
  ...user,
  method: 'get',
  path: meta,
  status: 200,
  summary: 'Metadata of a server',
  params: idParams,
  response: document,
});
export const addMetadata = contract({
  ...user,
  method: 'post',
  path: meta,
  status: 200,
  summary: 'Add to the metadata of a server',
  params: idParams,
  body: z.strictObject({ metadata: serverMetadata }),
  response: document,
});
export const replaceMetadata = contract({
  ...user,
  method: 'put',
  path: meta,
  status: 200,
  summary: 'Replace the metadata of a server',
  params: idParams,
  body: z.strictObject({ metadata: serverMetadata }),
  response: document,
});
export const getMetadataItem = contract({
  ...user,
  method: 'get',
  path: `${meta}/:key`,
  status: 200,
  summary: 'One item of the metadata',
  params: withPart('key'),
  response: document,
});
export const setMetadataItem = contract({
  ...user,
  method: 'put',
  path: `${meta}/:key`,
  status: 200,
  summary: 'Set one item of the metadata',
  params: withPart('key'),
  body: z.strictObject({ meta: novaMetadata(z.string().max(255), 1) }),
  response: document,
});
export const removeMetadataItem = contract({
  ...user,
  method: 'delete',
  path: `${meta}/:key`,
  status: 204,
  summary: 'Take one item out of the metadata',
  params: withPart('key'),
});

const tags = `${AT}/tags`;
export const getTags = contract({
  ...user,
  method: 'get',
  path: tags,
  status: 200,
  summary: 'Tags of a server',
  params: idParams,
  response: document,
});
export const replaceTags = contract({
  ...user,
  method: 'put',
  path: tags,
  status: 200,
  summary: 'Replace the tags of a server',
  params: idParams,
  body: z.strictObject({ tags: boundedArray(novaTag, 50) }),
  response: document,
});
export const removeTags = contract({
  ...user,
  method: 'delete',
  path: tags,
  status: 204,
  summary: 'Take all tags away',
  params: idParams,
});
export const hasTag = contract({
  ...user,
  method: 'get',
  path: `${tags}/:tag`,
  status: 204,
  summary: 'Whether a server has a tag',
  params: withPart('tag'),
});
export const addTag = contract({
  ...user,
  method: 'put',
  path: `${tags}/:tag`,
  status: 201,
  answers: [204],
  summary: 'Add a tag',
  params: withPart('tag'),
});
export const removeTag = contract({
  ...user,
  method: 'delete',
  path: `${tags}/:tag`,
  status: 204,
  summary: 'Take a tag away',
  params: withPart('tag'),
});

export const clearServerPassword = contract({
  ...user,
  method: 'delete',
  path: `${AT}/os-server-password`,
  status: 204,
  summary: 'Forget the encrypted password of a guest',
  params: idParams,
});
export const showServerMigration = contract({
  ...user,
  method: 'get',
  path: `${AT}/migrations/:migration`,
  status: 200,
  summary: 'A live migration of a server that is going on',
  description: 'Administrators only, from microversion 2.23 on.',
  params: withPart('migration'),
  response: document,
});
export const abortServerMigration = contract({
  ...user,
  method: 'delete',
  path: `${AT}/migrations/:migration`,
  status: 202,
  summary: 'Break a live migration off',
  description: 'Administrators only, from microversion 2.24 on.',
  params: withPart('migration'),
});

export const listInstanceActions = contract({
  ...user,
  method: 'get',
  path: `${AT}/os-instance-actions`,
  status: 200,
  summary: 'What was done to a server, newest first',
  params: idParams,
  query: anyQuery,
  response: document,
});
export const showInstanceAction = contract({
  ...user,
  method: 'get',
  path: `${AT}/os-instance-actions/:request`,
  status: 200,
  summary: 'One thing that was done to a server',
  params: withPart('request'),
  response: document,
});
export const listServerMigrations = contract({
  ...user,
  method: 'get',
  path: `${AT}/migrations`,
  status: 200,
  summary: 'Live migrations of a server that are going on',
  params: idParams,
  response: document,
});
export const showDiagnostics = contract({
  ...user,
  method: 'get',
  path: `${AT}/diagnostics`,
  status: 200,
  summary: 'What is known of a server from inside',
  refusals: [409],
  params: idParams,
  response: document,
});
export const showServerPassword = contract({
  ...user,
  method: 'get',
  path: `${AT}/os-server-password`,
  status: 200,
  summary: 'The encrypted password of a guest: none is kept',
  params: idParams,
  response: document,
});
