import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { idParam, MAX_INT, one, optional } from './params.js';
import { BY_JOB, description, storageFault } from './storage-fields.js';

const contract = contractIn('volumes');

/** Volumes (contract compute §8.1). Staff objects also have `client`. */
export const volume = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
    size: z.int(),
    status: z.string(),
    bootable: z.boolean(),
    volume_type: z.string().nullable(),
    attachments: z.array(
      z.strictObject({ instance: z.uuid(), device: z.string().nullable(), delete_on_termination: z.boolean() }),
    ),
    region: z.string(),
    source_image: z.uuid().nullable(),
    source_snapshot: z.uuid().nullable(),
    source_volume: z.uuid().nullable(),
    source_backup: z.uuid().nullable(),
    multiattach: z.boolean(),
    delete_protection: z.boolean(),
    project_id: z.string(),
    fault: storageFault,
    created_at: z.string(),
    updated_at: z.string(),
    client: z.int().optional(),
  })
  .meta({ id: 'Volume' });

const MAX_GB = 1_048_576;
const newVolume = {
  region: drf.char({ max: 64 }),
  name: drf.char({ max: 255 }),
  description,
  size: drf.integer({ min: 1, max: MAX_GB, ...optional }),
  volume_type: drf.char({ max: 255, blank: true, ...optional }),
  image: drf.uuid(optional),
  snapshot: drf.uuid(optional),
  volume: drf.uuid(optional),
  backup: drf.uuid(optional),
  delete_protection: drf.boolean({ required: false, default: false }),
};
const clientQuery = z.looseObject({ client: one.describe('the client to act for; or the header `X-Client-Id`') });
const volumeQuery = listQuery.safeExtend({
  client: one.describe('only those of this client'),
  status: one,
  region: one,
  bootable: one,
  instance: one.describe('only those that this instance has'),
});

const volumesOf = <
  const Root extends 'staffapi' | 'api',
  const Access extends 'staff' | 'enduser',
  Create extends z.ZodType,
>(
  root: Root,
  access: Access,
  create: Create,
) => {
  const common = { access, source: 'contract compute §8.1' } as const;
  const at = `/${root}/openstack/volumes` as const;
  const act = { ...common, method: 'post', status: 200, refusals: [409], params: idParam, response: volume } as const;
  return {
    list: contract({
      ...common,
      method: 'get',
      path: at,
      status: 200,
      summary: 'List volumes',
      description: 'Lists volumes, the newest first, with paging, ordering, search and filtering.',
      query: volumeQuery,
      response: listOf(volume),
    }),
    create: contract({
      ...common,
      method: 'post',
      path: at,
      status: 201,
      refusals: [404, 409],
      summary: 'Create a volume',
      description:
        'Creates a volume: blank, or filled from one `image`, `snapshot`, `volume` or `backup`. `size` is in GB; ' +
        `absent, it is as large as its source. It is \`creating\` until it is there. ${BY_JOB} 409 with the code ` +
        '`unsupported` where the region has no volumes.',
      query: clientQuery,
      body: create,
      response: volume,
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${at}/:id`,
      status: 200,
      summary: 'One volume',
      description: 'Answers one volume with what has it.',
      params: idParam,
      response: volume,
    }),
    patch: contract({
      ...common,
      method: 'patch',
      path: `${at}/:id`,
      status: 200,
      summary: 'Change a volume',
      description: 'Changes name, description or delete protection; fields that are absent stay.',
      params: idParam,
      body: drf.partial({
        name: drf.char({ max: 255 }),
        description: drf.char({ nullable: true, blank: true, max: 1024 }),
        delete_protection: drf.boolean({}),
      }),
      response: volume,
    }),
    remove: contract({
      ...common,
      method: 'delete',
      path: `${at}/:id`,
      status: 204,
      refusals: [409],
      summary: 'Delete a volume',
      description:
        'Deletes a volume that is available or in an error, and on no instance. It is `deleting` until the ' +
        `hypervisor has none any more. ${BY_JOB} 409 while it is protected, attached, busy, or has snapshots.`,
      params: idParam,
    }),
    rename: contract({
      ...act,
      path: `${at}/:id/rename`,
      summary: 'Rename a volume',
      description: 'Gives a volume another name.',
      body: drf.dict({ name: drf.char({ max: 255 }) }),
    }),
    extend: contract({
      ...act,
      path: `${at}/:id/extend`,
      summary: 'Make a volume larger',
      description:
        `Gives a volume a larger size in GB; it is \`extending\` meanwhile. ${BY_JOB} 409 when its status, or its ` +
        'instance, does not allow it.',
      body: drf.dict({ size: drf.integer({ min: 1, max: MAX_GB }) }),
    }),
    upload: contract({
      ...act,
      path: `${at}/:id/upload_to_image`,
      aliases: [`${at}/:id/upload-to-image`],
      summary: 'Make an image of a volume',
      description:
        'Makes an image of a volume; the header `X-Image-Id` names it, and it is `saving` until it is there. ' +
        `${BY_JOB} 409 when the status does not allow it.`,
      body: drf.dict({
        name: drf.char({ max: 255 }),
        disk_format: drf.choice(['qcow2', 'raw'], { required: false, default: 'qcow2' }),
      }),
    }),
    revert: contract({
      ...act,
      path: `${at}/:id/revert_to_snapshot`,
      aliases: [`${at}/:id/revert-to-snapshot`],
      summary: 'Give a volume the content of a snapshot',
      description:
        'The volume is again as it was at the snapshot; what was written since is lost. It must be on no instance, ' +
        `and have the size that it had then. ${BY_JOB} 409 when its status does not allow it.`,
      body: drf.dict({ snapshot: drf.uuid({}) }),
    }),
  };
};
export const staffVolumes = volumesOf(
  'staffapi',
  'staff',
  drf.dict({ ...newVolume, client: drf.integer({ min: 0, max: MAX_INT }) }),
);
export const userVolumes = volumesOf('api', 'enduser', drf.dict(newVolume));
