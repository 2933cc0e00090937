import { z } from 'zod';
import * as drf from '../drf/index.js';
import { flavor, region } from './cloud.js';

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
        }),
      ),
    ),
    volumes: z.array(z.never()),
    security_groups: z.array(z.never()),
    ssh_key: z.null(),
    project_id: z.string(),
    tags: z.array(z.string()),
    delete_protection: z.boolean(),
    updated: z.string(),
    launched_at: z.string().nullable(),
    terminated_at: z.string().nullable(),
  })
  .meta({ id: 'InstanceDetail' });

/** A network's id, alone or as `{"network": id}` (contract compute §6.1). */
const nic = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && 'network' in value ? value.network : value),
  drf.uuid({}),
);
const tags = drf.list(drf.char({ max: 60 }), { required: false, max: 50 });
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
    volume_type: drf.char({ required: false, nullable: true, blank: true, max: 255, default: '' }),
  }),
  description: drf.char({ required: false, nullable: true, blank: true, max: 1024, default: null }),
  tags,
  delete_protection: drf.boolean({ required: false, default: false }),
};
const notAllowed = z
  .unknown()
  .optional()
  .superRefine((value, ctx) => {
    if (value !== undefined) ctx.addIssue({ code: 'custom', params: { rule: 'not_allowed' } });
  });
export const createInstanceByStaff = drf.dict({
  ...createFields,
  client: drf.integer({ min: 0, max: 2_147_483_647 }),
  force: drf.boolean({ required: false, default: false }),
});
export const createInstanceByUser = drf.dict({ ...createFields, client: notAllowed });
