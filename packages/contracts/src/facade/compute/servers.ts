import { z } from 'zod';
import { boundedArray, boundedRecord } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';

const contract = contractIn('facade-compute');
const source = 'contract compute §12.3';

const name = z.string().min(1).max(255);
/** Numbers may come as text, as Nova takes them. */
const count = z.union([z.int().min(1).max(100), z.string().regex(/^[1-9]\d{0,2}$/)]);
const flag = z.union([z.boolean(), z.string().max(10)]);
export const metadata = boundedRecord(z.string().max(255), 128);
const ref = z.union([z.string().max(255), z.int().min(0)]);
const network = z.strictObject({
  uuid: z.string().max(255).nullish(),
  port: z.string().max(255).nullish(),
  fixed_ip: z.string().max(64).nullish(),
  tag: z.string().max(60).optional(),
});
/** Spellings of a flag that a disk has: one that is read wrongly would delete it, or leave it. */
const FLAG = /^(true|t|yes|y|on|1|false|f|no|n|off|0)$/i;
/** What a guest finds a device by; since 2.42. */
export const deviceTag = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[^,/]*$/);
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
  tag: deviceTag.optional(),
  no_device: flag.optional(),
});
const personality = boundedArray(z.unknown(), 5);
export const serverCreate = z.strictObject({
  name,
  flavorRef: ref,
  imageRef: z.string().max(255).nullish(),
  networks: z.union([boundedArray(network, 32), z.enum(['auto', 'none'])]).nullish(),
  security_groups: boundedArray(z.strictObject({ name: z.string().max(255) }), 100).optional(),
  block_device_mapping_v2: boundedArray(blockDevice, 32).optional(),
  metadata: metadata.optional(),
  key_name: z.string().max(255).nullish(),
  user_data: z.string().max(65_535).nullish(),
  adminPass: z.string().max(255).optional(),
  availability_zone: z.string().max(255).nullish(),
  config_drive: flag.nullish(),
  min_count: count.optional(),
  max_count: count.optional(),
  return_reservation_id: flag.optional(),
  accessIPv4: z.union([z.ipv4(), z.literal('')]).optional(),
  accessIPv6: z.union([z.ipv6(), z.literal('')]).optional(),
  'OS-DCF:diskConfig': z.enum(['AUTO', 'MANUAL']).optional(),
  personality: personality.optional(),
  description: z.string().max(255).nullish(),
  tags: boundedArray(z.string().min(1).max(60), 50).optional(),
  hostname: z.string().min(1).max(63).optional(),
  trusted_image_certificates: z.null().optional(),
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
      name: name.optional(),
      description: z.string().max(255).nullish(),
      hostname: z.string().min(1).max(63).optional(),
      accessIPv4: z.union([z.ipv4(), z.literal('')]).nullish(),
      accessIPv6: z.union([z.ipv6(), z.literal('')]).nullish(),
      'OS-DCF:diskConfig': z.enum(['AUTO', 'MANUAL']).optional(),
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
