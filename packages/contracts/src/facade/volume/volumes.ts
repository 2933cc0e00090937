import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import { description, document, flag, idText, line, listing, metadata, name, size, user, uuid, V } from './fields.js';

const contract = contractIn('facade-volume');
const at = `${V}/volumes` as const;

export const listVolumes = contract({
  ...user,
  method: 'get',
  path: at,
  status: 200,
  summary: 'Names and ids of volumes',
  query: anyQuery,
  response: listing('volumes'),
});
export const detailVolumes = contract({
  ...user,
  method: 'get',
  path: `${at}/detail`,
  status: 200,
  summary: 'Volumes',
  query: anyQuery,
  response: listing('volumes'),
});
export const summariseVolumes = contract({
  ...user,
  method: 'get',
  path: `${at}/summary`,
  status: 200,
  summary: 'How many volumes there are, and their size (3.12)',
  query: anyQuery,
  response: z.object({ 'volume-summary': document }),
});
export const showVolume = contract({
  ...user,
  method: 'get',
  path: `${at}/:id`,
  status: 200,
  summary: 'One volume',
  params: idParams,
  response: z.object({ volume: document }),
});
const text = idText.nullable().optional();
const id = uuid.nullable().optional();
const newVolume = {
  name,
  description,
  display_name: name,
  display_description: description,
  size: size.nullable().optional(),
  volume_type: text,
  availability_zone: z.string().min(1).max(255).nullable().optional(),
  metadata: metadata.nullable().optional(),
  imageRef: text,
  image_id: text,
  snapshot_id: id,
  source_volid: id,
  backup_id: id,
  consistencygroup_id: id,
  group_id: text,
  multiattach: flag.nullable().optional(),
};
/** What a new volume may have; from 3.53 nothing else is taken, before it is not heard. */
export const volumeFields: ReadonlySet<string> = new Set(Object.keys(newVolume));
export const createVolume = contract({
  ...user,
  method: 'post',
  path: at,
  status: 202,
  summary: 'Create a volume: blank, or of an image, a snapshot, a volume or a backup (3.47)',
  body: z.strictObject({
    volume: z.looseObject(newVolume),
    'OS-SCH-HNT:scheduler_hints': document.nullable().optional(),
  }),
  response: z.object({ volume: document }),
});
export const updateVolume = contract({
  ...user,
  method: 'put',
  path: `${at}/:id`,
  status: 200,
  summary: 'Change name, description or metadata of a volume',
  params: idParams,
  body: z.strictObject({
    volume: z.strictObject({
      name,
      description,
      display_name: name,
      display_description: description,
      metadata: metadata.optional(),
    }),
  }),
  response: z.object({ volume: document }),
});
export const deleteVolume = contract({
  ...user,
  method: 'delete',
  path: `${at}/:id`,
  status: 202,
  summary: 'Delete a volume; with `cascade` its snapshots, too',
  params: idParams,
  query: anyQuery,
});
const nothing = document.nullable();
/** What is done to volumes: a request has one of these. */
export const volumeActions = z.strictObject({
  'os-extend': z.strictObject({ new_size: size }).optional(),
  'os-reset_status': z
    .strictObject({
      status: z.string().max(255).nullable().optional(),
      attach_status: z.string().max(255).nullable().optional(),
      migration_status: z.string().max(255).nullable().optional(),
    })
    .optional(),
  'os-force_delete': nothing.optional(),
  'os-set_bootable': z.strictObject({ bootable: flag }).optional(),
  'os-update_readonly_flag': z.strictObject({ readonly: flag }).optional(),
  'os-attach': z
    .strictObject({
      instance_uuid: uuid.optional(),
      host_name: idText.optional(),
      mountpoint: idText.min(1),
      mode: z.enum(['rw', 'ro']).optional(),
    })
    .optional(),
  'os-detach': z.strictObject({ attachment_id: uuid.nullable().optional() }).nullable().optional(),
  'os-begin_detaching': nothing.optional(),
  'os-roll_detaching': nothing.optional(),
  'os-reserve': nothing.optional(),
  'os-unreserve': nothing.optional(),
  'os-initialize_connection': nothing.optional(),
  'os-terminate_connection': nothing.optional(),
  'os-force_detach': nothing.optional(),
  'os-migrate_volume': nothing.optional(),
  'os-migrate_volume_completion': nothing.optional(),
  'os-reimage': nothing.optional(),
  'os-unmanage': nothing.optional(),
  'os-retype': z
    .strictObject({ new_type: idText, migration_policy: z.enum(['on-demand', 'never']).nullable().optional() })
    .optional(),
  'os-volume_upload_image': z
    .strictObject({
      image_name: z.string().min(1).max(255),
      force: flag.optional(),
      disk_format: z.enum(['raw', 'vmdk', 'vdi', 'qcow2', 'vhd', 'vhdx', 'ploop']).optional(),
      container_format: line,
      visibility: z.enum(['community', 'public', 'private', 'shared']).optional(),
      protected: flag.optional(),
    })
    .optional(),
  'os-set_image_metadata': z.strictObject({ metadata }).optional(),
  'os-unset_image_metadata': z.strictObject({ key: z.string().min(1).max(255) }).optional(),
  'os-show_image_metadata': nothing.optional(),
  revert: z.strictObject({ snapshot_id: idText }).optional(),
});
export const actOnVolume = contract({
  ...user,
  method: 'post',
  path: `${at}/:id/action`,
  status: 202,
  answers: [200],
  summary: 'Do something to a volume',
  params: idParams,
  body: volumeActions,
});
