import { compute, boundedArray } from '@nefos/contracts';
import { z } from 'zod';
import { pythonText } from '../../facade/api/python-text.js';
import { faceFault } from '../../facade/api/refused.js';
import type { ImageParts } from '../domain/images.js';

const name = z.string().max(255).nullable();
const number = z.int().min(0).max(2_147_483_647);
/** Attributes that a request sets; every other name is a property. */
const base = {
  name,
  visibility: z.enum(compute.IMAGE_VISIBILITIES),
  protected: z.boolean(),
  os_hidden: z.boolean(),
  min_disk: number,
  min_ram: number,
  container_format: z.enum(compute.CONTAINER_FORMATS).nullable(),
  disk_format: z.enum(compute.DISK_FORMATS).nullable(),
  tags: boundedArray(z.string().min(1).max(60), 50),
} as const;
type Base = typeof base;
const READ_ONLY = new Set([
  'id', 'owner', 'status', 'checksum', 'os_hash_algo', 'os_hash_value', 'size', 'virtual_size', 'created_at',
  'updated_at', 'self', 'file', 'schema', 'direct_url', 'locations', 'stores', 'nefos_region', 'instance_uuid',
  'image_type', 'nefos_fault',
]); // prettier-ignore
/** Properties that the portal keeps as fields of their own. */
const FIELDS = {
  os_distro: 'osDistro',
  os_version: 'osVersion',
  architecture: 'architecture',
  hypervisor_type: 'hypervisorType',
} as const;
const MOST = 128;

/** What a request sets of an image, by the names of the portal's domain. */
export interface ImageAttributes {
  name?: string;
  visibility?: (typeof compute.IMAGE_VISIBILITIES)[number];
  protected?: boolean;
  hidden?: boolean;
  minDisk?: number;
  minRam?: number;
  containerFormat?: string;
  diskFormat?: string;
  tags?: string[];
  osDistro?: string | null;
  osVersion?: string | null;
  architecture?: string | null;
  hypervisorType?: string | null;
  hwQemuGuestAgent?: boolean;
}
const read = <K extends keyof Base>(key: K, value: unknown): z.infer<Base[K]> => {
  const found = base[key].safeParse(value);
  if (found.success) return found.data as z.infer<Base[K]>;
  throw faceFault(
    'invalid',
    `Provided object does not match schema 'image': ${pythonText(value)} is not valid for ${key}`,
  );
};
export const demandWritable = (key: string): void => {
  if (READ_ONLY.has(key)) throw faceFault('forbidden', `Attribute '${key}' is read-only.`);
  if (key.startsWith('os_glance')) throw faceFault('forbidden', `Attribute '${key.slice(0, 100)}' is reserved.`);
};
export const isBase = (key: string): key is keyof Base => Object.hasOwn(base, key);
const textOf = (key: string, value: unknown): string => {
  if (typeof value !== 'string' || value.length > (Object.hasOwn(FIELDS, key) ? 255 : 1000) || !key || key.length > 255)
    throw faceFault(
      'invalid',
      `Provided object does not match schema 'image': ${pythonText(value)} is not of type 'string' ` +
        `for ${key.slice(0, 100)}`,
    );
  return value;
};
/** Sets one attribute or property. `properties` are those of the image, and are changed. */
export const setAttribute = (
  into: { attributes: ImageAttributes; properties: Record<string, string> },
  key: string,
  value: unknown,
): void => {
  demandWritable(key);
  const { attributes, properties } = into;
  if (isBase(key)) {
    Object.assign(attributes, baseAttribute(key, value));
    return;
  }
  const text = textOf(key, value);
  if (Object.hasOwn(FIELDS, key)) attributes[FIELDS[key as keyof typeof FIELDS]] = text;
  else if (key === 'hw_qemu_guest_agent') attributes.hwQemuGuestAgent = /^(yes|true|1)$/i.test(text);
  else {
    if (!Object.hasOwn(properties, key) && Object.keys(properties).length >= MOST)
      throw faceFault('too_large', `The limit has been exceeded on the number of allowed image properties: ${MOST}.`);
    properties[key] = text;
  }
};
const baseAttribute = (key: keyof Base, value: unknown): ImageAttributes => {
  switch (key) {
    case 'name':
      return { name: read('name', value) ?? '' };
    case 'visibility':
      return { visibility: read('visibility', value) };
    case 'protected':
      return { protected: read('protected', value) };
    case 'os_hidden':
      return { hidden: read('os_hidden', value) };
    case 'min_disk':
      return { minDisk: read('min_disk', value) };
    case 'min_ram':
      return { minRam: read('min_ram', value) };
    case 'container_format': {
      const format = read('container_format', value);
      return format === null ? {} : { containerFormat: format };
    }
    case 'disk_format': {
      const format = read('disk_format', value);
      return format === null ? {} : { diskFormat: format };
    }
    case 'tags':
      return { tags: [...new Set(read('tags', value))] };
  }
};

/** The attribute that a JSON pointer names; one level only. */
const keyOf = (path: string): string => {
  const [, key = '', ...more] = path.split('/');
  if (!path.startsWith('/') || !key || more.length)
    throw faceFault('invalid', `Invalid JSON pointer for this resource: '${path.slice(0, 100)}'`);
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
};
/** What a list of changes makes of an image. @throws Fault invalid, forbidden, conflict */
export const applyChanges = (
  before: ImageParts,
  changes: readonly { op: 'add' | 'replace' | 'remove'; path: string; value?: unknown }[],
): ImageAttributes & { properties: Record<string, string> } => {
  const into = { attributes: {} as ImageAttributes, properties: { ...before.properties } };
  for (const { op, path, value } of changes) {
    const key = keyOf(path);
    demandWritable(key);
    if ((key === 'disk_format' || key === 'container_format') && before.status !== 'queued')
      throw faceFault('forbidden', `Attribute ${key} can be only replaced for a queued image.`);
    if (op === 'remove') removeAttribute(into, key);
    else {
      if (op === 'replace' && !isKnown(into.properties, key))
        throw faceFault('conflict', `Property ${key} does not exist.`);
      setAttribute(into, key, value);
    }
  }
  return { ...into.attributes, properties: into.properties };
};
const isKnown = (properties: object, key: string): boolean =>
  isBase(key) || Object.hasOwn(FIELDS, key) || key === 'hw_qemu_guest_agent' || Object.hasOwn(properties, key);
const removeAttribute = (
  { attributes, properties }: { attributes: ImageAttributes; properties: Record<string, string> },
  key: string,
): void => {
  if (isBase(key)) throw faceFault('forbidden', `Property '${key}' may not be removed.`);
  if (Object.hasOwn(FIELDS, key)) attributes[FIELDS[key as keyof typeof FIELDS]] = null;
  else if (key === 'hw_qemu_guest_agent') attributes.hwQemuGuestAgent = false;
  else if (Object.hasOwn(properties, key)) Reflect.deleteProperty(properties, key);
  else throw faceFault('conflict', `Property ${key} does not exist.`);
};
