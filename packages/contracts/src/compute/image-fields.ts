import { z } from 'zod';
import * as drf from '../drf/index.js';
import { optional } from './params.js';
import { textMap } from './text-map.js';

// Images as they are shown (contract compute §8.1), and the fields of bodies that make and change them.

export const IMAGE_VISIBILITIES = ['public', 'private', 'shared', 'community'] as const;
/** Those of Glance. */
export const DISK_FORMATS = [
  'raw',
  'qcow2',
  'vmdk',
  'vdi',
  'vhd',
  'vhdx',
  'iso',
  'ami',
  'ari',
  'aki',
  'ploop',
] as const;
export const CONTAINER_FORMATS = ['bare', 'ovf', 'ova', 'docker', 'ami', 'ari', 'aki'] as const;

export const image = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    status: z.string(),
    visibility: z.enum(IMAGE_VISIBILITIES),
    min_disk: z.int(),
    min_ram: z.int(),
    size: z.int(),
    disk_format: z.string().nullable(),
    container_format: z.string().nullable(),
    os_distro: z.string().nullable(),
    os_version: z.string().nullable(),
    architecture: z.string().nullable(),
    hw_qemu_guest_agent: z.boolean(),
    hypervisor_type: z.string().nullable(),
    type: z.enum(['template', 'snapshot', 'iso', 'backup']),
    instance_uuid: z.uuid().nullable(),
    region: z.string(),
    project_id: z.string().nullable(),
    protected: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
    tags: z.array(z.string()),
    /** Bytes of the disk in the image; null: not known. */
    virtual_size: z.int().nullable(),
    /** Digests of the data, in hexadecimal digits; null while there is none here. */
    sha256: z.string().nullable(),
    sha512: z.string().nullable(),
    properties: z.record(z.string(), z.string()),
    /** Why the last upload or import failed. */
    fault: z.strictObject({ code: z.string(), message: z.string(), created: z.string() }).nullable(),
    /** The hypervisor's own id; staff see it. */
    backend_id: z.string().nullable().optional(),
  })
  .meta({ id: 'Image' });
export const imageMember = z
  .strictObject({ project_id: z.string(), created_at: z.string() })
  .meta({ id: 'ImageMember' });

const described = (max = 255) => drf.char({ max, nullable: true, blank: true });
/** What can be changed later, too. */
export const imageChanges = {
  name: drf.char({ max: 255 }),
  visibility: drf.choice(IMAGE_VISIBILITIES, {}),
  min_disk: drf.integer({ min: 0, max: 1_000_000 }),
  min_ram: drf.integer({ min: 0, max: 100_000_000 }),
  os_distro: described(),
  os_version: described(),
  architecture: described(),
  hypervisor_type: described(),
  hw_qemu_guest_agent: drf.boolean({}),
  protected: drf.boolean({}),
  tags: drf.list(drf.char({ max: 60 }), { max: 50 }),
  properties: textMap({ most: 128, nameMax: 255, valueMax: 1000 }),
};
export const newImage = {
  name: imageChanges.name,
  region: drf.char({ max: 255 }),
  visibility: drf.choice(IMAGE_VISIBILITIES, optional),
  type: drf.choice(['template', 'iso'], { required: false, default: 'template' }),
  disk_format: drf.choice(DISK_FORMATS, optional),
  container_format: drf.choice(CONTAINER_FORMATS, { required: false, default: 'bare' }),
  min_disk: drf.integer({ min: 0, max: 1_000_000, required: false, default: 0 }),
  min_ram: drf.integer({ min: 0, max: 100_000_000, required: false, default: 0 }),
  os_distro: drf.char({ max: 255, blank: true, ...optional }),
  os_version: drf.char({ max: 255, blank: true, ...optional }),
  architecture: drf.char({ max: 255, blank: true, ...optional }),
  hypervisor_type: drf.char({ max: 255, blank: true, ...optional }),
  hw_qemu_guest_agent: drf.boolean({ required: false, default: false }),
  protected: drf.boolean({ required: false, default: false }),
  tags: drf.list(drf.char({ max: 60 }), { max: 50, required: false, default: [] }),
  properties: textMap({ most: 128, nameMax: 255, valueMax: 1000, required: false }),
};
/** `client`: whose project has the image; without one it is the cloud's own. */
export const staffImage = {
  client: drf.integer({ min: 1, ...optional }),
  backend_id: drf.char({ max: 255, ...optional }),
};
export const imageSource = { url: drf.char({ max: 2000 }), sha256: drf.char({ max: 64, ...optional }) };
