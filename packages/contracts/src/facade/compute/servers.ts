import { z } from 'zod';
import { boundedArray, boundedRecord } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import {
  novaAccess,
  novaAddress,
  novaBoolean,
  novaDescription,
  novaFlavorRef,
  novaFqdn,
  novaHostname,
  novaInteger,
  novaName,
  novaTag,
  novaUuid,
  serverMetadata,
} from './parameter-types.js';

const contract = contractIn('facade-compute');
const source = 'contract compute §12.3';

/** As many as one request may make. */
const count = novaInteger(1, 100);
const flag = z.union([z.boolean(), z.string().max(10)]);
const network = z.strictObject({
  uuid: z.string().max(255).optional(),
  port: novaUuid.nullish(),
  fixed_ip: novaAddress.optional(),
  tag: novaTag.optional(),
});
/** Of images; null takes them back. */
const certificates = boundedArray(z.string().min(1).max(255), 50, 1).nullable();
const diskConfig = z.enum(['AUTO', 'MANUAL']);
/** What `server create` and `rebuild` have in common. */
const personality = boundedArray(
  z.strictObject({ path: z.string().max(255).optional(), contents: z.string().max(65_535).optional() }),
  5,
);
/** Spellings of a flag that a disk has: one that is read wrongly would delete it, or leave it. */
const FLAG = /^(true|t|yes|y|on|1|false|f|no|n|off|0)$/i;
const blockDevice = z.strictObject({
  boot_index: z.union([z.int(), z.string().regex(/^-?\d{1,9}$/)]).nullish(),
  uuid: z.string().max(255).nullish(),
  source_type: z.enum(['volume', 'image', 'snapshot', 'blank']).optional(),
  destination_type: z.enum(['volume', 'local']).nullish(),
  volume_size: z.union([z.int().min(1).max(1_000_000), z.string().regex(/^[1-9]\d{0,5}$/)]).nullish(),
  delete_on_termination: z.union([z.boolean(), z.string().regex(FLAG)]).optional(),
  device_name: z.string().max(255).nullish(),
  guest_format: z.string().max(255).nullish(),
  disk_bus: z.string().max(255).nullish(),
  device_type: z.string().max(255).nullish(),
  /** Since 2.67. */
  volume_type: z.string().max(255).nullish(),
  tag: novaTag.optional(),
  no_device: flag.optional(),
});
export const serverCreate = z.strictObject({
  name: novaName,
  flavorRef: novaFlavorRef,
  imageRef: z.string().max(255).optional(),
  networks: z.union([boundedArray(network, 32), z.enum(['auto', 'none'])]).optional(),
  security_groups: boundedArray(z.strictObject({ name: novaName.optional() }), 100).optional(),
  block_device_mapping_v2: boundedArray(blockDevice, 32).optional(),
  metadata: serverMetadata.optional(),
  key_name: novaName.optional(),
  user_data: z.string().max(65_535).optional(),
  adminPass: z.string().max(255).optional(),
  availability_zone: novaName.optional(),
  config_drive: novaBoolean.optional(),
  min_count: count.optional(),
  max_count: count.optional(),
  return_reservation_id: novaBoolean.optional(),
  accessIPv4: novaAccess(4).optional(),
  accessIPv6: novaAccess(6).optional(),
  'OS-DCF:diskConfig': diskConfig.optional(),
  personality: personality.optional(),
  description: novaDescription(255).optional(),
  tags: boundedArray(novaTag, 50).optional(),
  hostname: novaHostname.optional(),
  trusted_image_certificates: certificates.optional(),
  host: novaFqdn.optional(),
  hypervisor_hostname: novaFqdn.optional(),
});
/** The arguments of the action `rebuild`. */
export const serverRebuild = z.strictObject({
  imageRef: novaUuid,
  name: novaName.optional(),
  adminPass: z.string().max(255).optional(),
  metadata: serverMetadata.optional(),
  preserve_ephemeral: novaBoolean.optional(),
  accessIPv4: novaAccess(4).optional(),
  accessIPv6: novaAccess(6).optional(),
  'OS-DCF:diskConfig': diskConfig.optional(),
  personality: personality.optional(),
  description: novaDescription(255).optional(),
  key_name: novaName.nullish(),
  user_data: z.string().max(65_535).nullish(),
  trusted_image_certificates: certificates.optional(),
  hostname: novaHostname.optional(),
});
const hints = boundedRecord(z.unknown(), 50);
export const createServer = contract({
  method: 'post',
  path: '/compute/v2.1/servers',
  access: 'user',
  status: 202,
  summary: 'Create a server',
  description: 'Accepts one or several servers; they are built after the answer.',
  source,
  body: z.strictObject({
    server: serverCreate,
    'os:scheduler_hints': hints.optional(),
    'OS-SCH-HNT:scheduler_hints': hints.optional(),
  }),
  response: z.looseObject({}),
});
export const listServers = contract({
  method: 'get',
  path: '/compute/v2.1/servers',
  access: 'user',
  status: 200,
  summary: 'Servers, by name and id',
  source,
  query: anyQuery,
  response: z.looseObject({ servers: z.array(z.looseObject({ id: z.uuid(), name: z.string() })) }),
});
export const listServersDetail = contract({
  method: 'get',
  path: '/compute/v2.1/servers/detail',
  access: 'user',
  status: 200,
  summary: 'Servers, whole',
  source,
  query: anyQuery,
  response: z.looseObject({ servers: z.array(z.looseObject({ id: z.uuid(), status: z.string() })) }),
});
const oneServer = z.looseObject({ server: z.looseObject({ id: z.uuid() }) });
export const showServer = contract({
  method: 'get',
  path: '/compute/v2.1/servers/:id',
  access: 'user',
  status: 200,
  summary: 'One server',
  source,
  params: idParams,
  response: oneServer,
});
export const updateServer = contract({
  method: 'put',
  path: '/compute/v2.1/servers/:id',
  access: 'user',
  status: 200,
  summary: 'Change name, description, host name or the addresses to reach a server',
  source,
  params: idParams,
  body: z.strictObject({
    server: z.strictObject({
      name: novaName.optional(),
      description: novaDescription(255).optional(),
      hostname: novaHostname.optional(),
      accessIPv4: novaAccess(4).optional(),
      accessIPv6: novaAccess(6).optional(),
      'OS-DCF:diskConfig': diskConfig.optional(),
    }),
  }),
  response: oneServer,
});
export const deleteServer = contract({
  method: 'delete',
  path: '/compute/v2.1/servers/:id',
  access: 'user',
  status: 204,
  summary: 'Delete a server',
  source,
  params: idParams,
});
export const actOnServer = contract({
  method: 'post',
  path: '/compute/v2.1/servers/:id/action',
  access: 'user',
  status: 202,
  answers: [200, 204],
  summary: 'Act on a server',
  description: 'The one name in the body is the action; its value are the arguments.',
  source,
  params: idParams,
  body: boundedRecord(z.unknown(), 1),
});
