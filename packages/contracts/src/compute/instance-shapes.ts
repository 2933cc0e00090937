import { z } from 'zod';
import * as drf from '../drf/index.js';
import { flavor, region } from './cloud.js';
import { ipAddress } from './cloud-fields.js';
import { MAX_INT } from './params.js';

const shape = {
  id: z.uuid(),
  uuid: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  status: z.string(),
  display_status: z.string(),
  display_task: z.string().nullable(),
  locked: z.boolean(),
  booted_from_iso: z.boolean(),
  created: z.string(),
  region: z.string(),
  region_obj: region,
  flavor,
  image: z.uuid().nullable(),
  os_distro: z.string().nullable(),
  client: z.strictObject({ id: z.int(), name: z.string() }),
  access_ip: z.string().nullable(),
  host_name: z.string().nullable(),
  hostId: z.string(),
  current_month_traffic: z.int(),
  current_cycle_traffic: z.int(),
  allowed_actions: z.array(z.string()),
};
/** What an instance may carry in a month; null: there is no limit. */
const trafficLimit = {
  traffic_limit_bytes: z.int().nullable(),
  traffic_action: z.enum(['notify', 'throttle', 'stop']),
  traffic_blocked: z.boolean().describe('stopped until the month is over, or the limit is raised'),
};
export const instanceTraffic = z
  .strictObject({
    current_month_traffic: z.int(),
    current_cycle_traffic: z.int(),
    ...trafficLimit,
    days: z.array(
      z.strictObject({
        date: z.string().describe("of the server's time zone"),
        rx_bytes: z.int().describe('to the instance'),
        tx_bytes: z.int().describe('from the instance'),
      }),
    ),
  })
  .meta({ id: 'InstanceTraffic' });
/** The seed's 22 keys. */
export const instance = z.strictObject(shape).meta({ id: 'Instance' });
export const instanceDetail = z
  .strictObject({
    ...shape,
    task_state: z.string().nullable(),
    power_state: z.int(),
    fault: z.strictObject({ code: z.string(), message: z.string(), created: z.string() }).nullable(),
    /** By name of the network. */
    addresses: z.record(
      z.string(),
      z.array(
        z.strictObject({
          version: z.union([z.literal(4), z.literal(6)]),
          addr: z.string(),
          mac: z.string(),
          type: z.enum(['fixed', 'floating']),
          /** Where the host leads to a port of the guest: machines of QEMU's own network are reached by that only. */
          forwards: z.array(z.strictObject({ address: z.string(), port: z.int(), guest_port: z.int() })).optional(),
        }),
      ),
    ),
    volumes: z.array(
      z.strictObject({
        id: z.uuid(),
        name: z.string(),
        size: z.int(),
        status: z.string(),
        device: z.string().nullable(),
        boot: z.boolean(),
        delete_on_termination: z.boolean(),
      }),
    ),
    security_groups: z.array(z.strictObject({ id: z.uuid(), name: z.string() })),
    ssh_key: z.null(),
    project_id: z.string(),
    tags: z.array(z.string()),
    delete_protection: z.boolean(),
    updated: z.string(),
    launched_at: z.string().nullable(),
    terminated_at: z.string().nullable(),
  })
  .meta({ id: 'InstanceDetail' });

/** Of a field that the portal knows and no driver can honour: it is refused, not dropped. */
const NOT_SUPPORTED = 'This field is not supported in this region.';
const UUID = drf.uuid({});
const ADDRESS = ipAddress({});
const named = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** An interface of an instance to be: on a network, or a port that is there. */
export interface NicBody {
  network: string | null;
  port: string | null;
  fixedIp: string | null;
}
/** A network's id, alone or as `{"network"?,"port"?,"fixed_ip"?}` (contract compute §6.1). */
const nic = z
  .unknown()
  .transform((value, ctx): NicBody => {
    const given = named(value) ? value : { network: value };
    const read = (name: string, schema: z.ZodType<string, unknown>): string | null => {
      const found = schema.safeParse(given[name]);
      if (found.success) return found.data;
      for (const { path, ...issue } of found.error.issues)
        ctx.addIssue({
          code: 'custom',
          params: (issue as { params?: object }).params ?? {},
          path: name === 'network' ? path : [name, ...path],
        });
      return null;
    };
    const has = (name: string): boolean => given[name] !== undefined && given[name] !== null;
    const port = has('port') ? read('port', UUID) : null;
    const network = port !== null && !has('network') ? null : read('network', UUID);
    return { network, port, fixedIp: has('fixed_ip') ? read('fixed_ip', ADDRESS) : null };
  })
  .meta({
    anyOf: [
      { type: 'string', format: 'uuid' },
      {
        type: 'object',
        properties: {
          network: { type: 'string', format: 'uuid' },
          port: { type: 'string', format: 'uuid' },
          fixed_ip: { type: 'string' },
        },
      },
    ],
  });
const unsupported = z
  .unknown()
  .optional()
  .superRefine((value, ctx) => {
    const given = value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && !value.length);
    if (given) ctx.addIssue({ code: 'custom', params: { rule: 'text', values: { text: NOT_SUPPORTED } } });
  });
/** What a guest is given at its first boot. */
const guestFields = {
  /** Names or ids of keys, or OpenSSH public keys. */
  ssh_keys: drf.list(drf.char({ max: 16_384 }), { required: false, nullable: true, max: 20 }),
  root_password: drf.char({ required: false, nullable: true, max: 128, trim: false }),
  /** Base64 of at most 64 KiB. */
  user_data: drf.char({ required: false, nullable: true, blank: true, max: 100_000 }),
};
const tags = drf.list(drf.char({ max: 60 }), { required: false, max: 50 });
/** Of the volume that is made for the root disk; size in GB. */
const newVolume = {
  volume_type: drf.char({ required: false, nullable: true, blank: true, max: 255, default: null }),
  volume_size: drf.integer({ required: false, nullable: true, min: 1, max: 1_048_576, default: null }),
};
const createFields = {
  region: drf.char({ max: 255 }),
  share_image: drf.boolean({ required: false, default: false }),
  name: drf.char({ max: 255 }),
  flavor: drf.uuid({}),
  nics: drf.list(nic, { nonEmpty: true, max: 16 }),
  boot_source: drf.dict({
    source_type: drf.choice(['image', 'volume', 'volumesnapshot', 'iso'], {}),
    source_id: drf.uuid({}),
    delete_on_termination: drf.boolean({ required: false, default: false }),
    create_new_volume: drf.boolean({ required: false, default: false }),
    ...newVolume,
  }),
  description: drf.char({ required: false, nullable: true, blank: true, max: 1024, default: null }),
  tags,
  delete_protection: drf.boolean({ required: false, default: false }),
  ...guestFields,
  /** Names or ids. */
  security_groups: drf.list(drf.char({ max: 255 }), { required: false, nullable: true, max: 16 }),
  availability_zone: unsupported,
  volume_size: newVolume.volume_size,
};
const notAllowed = z
  .unknown()
  .optional()
  .superRefine((value, ctx) => {
    if (value !== undefined) ctx.addIssue({ code: 'custom', params: { rule: 'not_allowed' } });
  });
export const createInstanceByStaff = drf.dict({
  ...createFields,
  client: drf.integer({ min: 0, max: MAX_INT }),
  force: drf.boolean({ required: false, default: false }),
});
export const createInstanceByUser = drf.dict({ ...createFields, client: notAllowed });

/** Bodies of the actions (contract compute §6.5). */
export const actionBodies = {
  resize: drf.dict({ flavor: drf.uuid({}) }),
  rescue: drf.dict({ image: drf.uuid({ required: false, nullable: true }), root_password: guestFields.root_password }),
  boot_from_iso: drf.dict({ image: drf.uuid({}) }),
  rebuild: drf.dict({ image: drf.uuid({}), name: drf.char({ required: false, max: 255 }), ...guestFields }),
  create_snapshot: drf.dict({ name: drf.char({ max: 255 }) }),
  create_backup: drf.dict({
    name: drf.char({ required: false, nullable: true, max: 255 }),
    backup_type: drf.choice(['daily', 'weekly', 'manual'], {}),
    rotation: drf.integer({ min: 0, max: 1000 }),
  }),
  'change-password': drf.dict({ password: drf.char({ max: 128, trim: false }) }),
  migrate: drf.dict({
    live: drf.boolean({ required: false, default: false }),
    host: drf.char({ required: false, nullable: true, max: 255 }),
    block_migration: drf.choice(['auto'], { required: false, nullable: true }),
  }),
  move: drf.dict({ client: drf.integer({ min: 0, max: MAX_INT }) }),
  add_port: drf.dict({
    network: drf.uuid({ required: false, nullable: true }),
    port: drf.uuid({ required: false, nullable: true }),
    fixed_ip: ipAddress({ required: false, nullable: true }),
  }),
  remove_port: drf.dict({ port: drf.uuid({}) }),
  add_ip: drf.dict({
    port: drf.uuid({}),
    subnet: drf.uuid({ required: false, nullable: true }),
    fixed_ip: ipAddress({ required: false, nullable: true }),
  }),
  remove_ip: drf.dict({ ip: ipAddress({}) }),
  add_floating_ip: drf.dict({
    floating_ip: drf.uuid({ required: false, nullable: true }),
    network: drf.uuid({ required: false, nullable: true }),
    fixed_ip: ipAddress({ required: false, nullable: true }),
  }),
  remove_floating_ip: drf.dict({ floating_ip: drf.uuid({}) }),
  associate_security_group: drf.dict({ security_group: drf.uuid({}) }),
  dissociate_security_group: drf.dict({ security_group: drf.uuid({}) }),
  'attach-volume': drf.dict({
    volume: drf.uuid({}),
    device: drf.char({ required: false, nullable: true, max: 32, default: null }),
    delete_on_termination: drf.boolean({ required: false, default: false }),
  }),
  detach_volume: drf.dict({ volume: drf.uuid({}) }),
  console: drf.dict({ type: drf.choice(['vnc', 'serial'], { required: false, nullable: true }) }),
};
export const openedConsole = z.strictObject({ url: z.string(), type: z.string(), expires_at: z.string() });

const changes = {
  name: drf.char({ max: 255 }),
  description: drf.char({ nullable: true, blank: true, max: 1024 }),
  tags: drf.list(drf.char({ max: 60 }), { max: 50 }),
  delete_protection: drf.boolean({}),
};
export const changeInstanceByUser = drf.partial(changes);
export const changeInstanceByStaff = drf.partial({
  ...changes,
  /** Null: the flavor's; -1: none. */
  traffic_limit_bytes: drf.integer({ nullable: true, min: -1 }),
  traffic_action: drf.choice(['notify', 'throttle', 'stop'], { nullable: true }),
});
