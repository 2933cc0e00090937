import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';

const contract = contractIn('volumes');

/** Volumes, their types, snapshots and backups (contract compute §8.1). Staff objects also have `client`. */
const fault = z.strictObject({ code: z.string(), message: z.string(), created: z.string() }).nullable();
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
    fault,
    created_at: z.string(),
    updated_at: z.string(),
    client: z.int().optional(),
  })
  .meta({ id: 'Volume' });
export const volumeType = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    is_public: z.boolean(),
    region: z.string(),
    /** The hypervisor's own name of it; staff see it. */
    backend_name: z.string().nullable().optional(),
  })
  .meta({ id: 'VolumeType' });
const copied = {
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  volume_id: z.uuid(),
  size: z.int(),
  status: z.string(),
  region: z.string(),
  project_id: z.string(),
  fault,
  created_at: z.string(),
  updated_at: z.string(),
  client: z.int().optional(),
};
export const volumeSnapshot = z.strictObject(copied).meta({ id: 'VolumeSnapshot' });
export const volumeBackup = z
  .strictObject({ ...copied, is_incremental: z.boolean(), parent_id: z.uuid().nullable() })
  .meta({ id: 'VolumeBackup' });

const MAX_GB = 1_048_576;
const optional = { required: false, nullable: true, default: null } as const;
const description = drf.char({ blank: true, max: 1024, ...optional });
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
const renamed = drf.partial({
  name: drf.char({ max: 255 }),
  description: drf.char({ nullable: true, blank: true, max: 1024 }),
});
const one = z.union([z.string(), z.array(z.string())]).optional();
const idParam = z.object({ id: z.string().max(255) });
const clientQuery = z.looseObject({ client: one.describe('the client to act for; or the header `X-Client-Id`') });
const volumeQuery = listQuery.safeExtend({
  client: one.describe('only those of this client'),
  status: one,
  region: one,
  bootable: one,
  instance: one.describe('only those that this instance has'),
});
const copyQuery = listQuery.safeExtend({
  client: one.describe('only those of this client'),
  volume_id: one,
  status: one,
  region: one,
});
const BY_JOB = 'The header `X-Operation-Id` names the operation that does it.';

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
const copiesOf = <
  const Root extends 'staffapi' | 'api',
  const Access extends 'staff' | 'enduser',
  const Kind extends 'volumesnapshots' | 'volumebackups',
  Shape extends z.ZodType,
  Create extends z.ZodType,
>(
  root: Root,
  access: Access,
  {
    kind,
    word,
    shape,
    create,
    creating,
    deleting,
  }: { kind: Kind; word: string; shape: Shape; create: Create; creating: string; deleting: string },
) => {
  const common = { access, source: 'contract compute §8.1' } as const;
  const at = `/${root}/openstack/${kind}` as const;
  return {
    list: contract({
      ...common,
      method: 'get',
      path: at,
      status: 200,
      summary: `List ${word}s of volumes`,
      description: `Lists ${word}s of volumes, the newest first, with paging, ordering, search and filtering.`,
      query: copyQuery,
      response: listOf(shape),
    }),
    create: contract({
      ...common,
      method: 'post',
      path: at,
      status: 201,
      refusals: [409],
      summary: `Make a ${word} of a volume`,
      description: `${creating} ${BY_JOB} 409 when the volume is busy, or the region can not do it.`,
      body: create,
      response: shape,
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${at}/:id`,
      status: 200,
      summary: `One ${word} of a volume`,
      description: `Answers one ${word} of a volume.`,
      params: idParam,
      response: shape,
    }),
    patch: contract({
      ...common,
      method: 'patch',
      path: `${at}/:id`,
      status: 200,
      summary: `Rename or describe a ${word} of a volume`,
      description: 'Changes name or description; fields that are absent stay.',
      params: idParam,
      body: renamed,
      response: shape,
    }),
    remove: contract({
      ...common,
      method: 'delete',
      path: `${at}/:id`,
      status: 204,
      refusals: [409],
      summary: `Delete a ${word} of a volume`,
      description: `${deleting} ${BY_JOB} 409 while it is busy.`,
      params: idParam,
    }),
  };
};
const snapshotsOf = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) =>
  copiesOf(root, access, {
    kind: 'volumesnapshots',
    word: 'snapshot',
    shape: volumeSnapshot,
    create: drf.dict({ volume: drf.uuid({}), name: drf.char({ max: 255 }), description }),
    creating: 'Makes a snapshot of a volume, also while an instance has it.',
    deleting: 'Deletes a snapshot, unless a volume is being made of it.',
  });
const backupsOf = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => ({
  ...copiesOf(root, access, {
    kind: 'volumebackups',
    word: 'backup',
    shape: volumeBackup,
    create: drf.dict({
      volume: drf.uuid({}),
      name: drf.char({ max: 255 }),
      description,
      incremental: drf.boolean({ required: false, default: false }),
    }),
    creating:
      'Makes a backup of a volume, which outlives it; with `incremental` one that builds on the newest backup. The ' +
      'volume is `backing-up` meanwhile.',
    deleting: 'Deletes a backup that no other one builds on.',
  }),
  restore: contract({
    access,
    source: 'contract compute §8.1',
    method: 'post',
    path: `/${root}/openstack/volumebackups/:id/restore`,
    status: 200,
    refusals: [409],
    summary: 'Fill a volume from a backup',
    description:
      'Fills the `volume` that is named, which must be available and large enough, or a new one, which gets the ' +
      `\`name\`. What was on the volume is lost. Answers the volume. ${BY_JOB}`,
    params: idParam,
    body: drf.dict({ volume: drf.uuid(optional), name: drf.char({ max: 255, ...optional }) }),
    response: volume,
  }),
});
const typesOf = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => {
  const common = { access, source: 'contract compute §8.1' } as const;
  const at = `/${root}/openstack/volumetypes` as const;
  return {
    list: contract({
      ...common,
      method: 'get',
      path: at,
      status: 200,
      summary: 'List volume types',
      description: 'Lists the kinds of volumes that regions offer; end users see the public ones.',
      query: listQuery.safeExtend({ region: one, is_public: one }),
      response: listOf(volumeType),
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${at}/:id`,
      status: 200,
      summary: 'One volume type',
      description: 'Answers one kind of volumes.',
      params: idParam,
      response: volumeType,
    }),
  };
};
const typeFields = {
  name: drf.char({ max: 255 }),
  description: drf.char({ required: false, blank: true, max: 1024, default: '' }),
  is_public: drf.boolean({ required: false, default: true }),
  backend_name: drf.char({ max: 255, ...optional }),
};
const typeCommon = { access: 'staff', source: 'contract compute §8.1' } as const;

export const staffVolumes = volumesOf(
  'staffapi',
  'staff',
  drf.dict({ ...newVolume, client: drf.integer({ min: 0, max: 2_147_483_647 }) }),
);
export const userVolumes = volumesOf('api', 'enduser', drf.dict(newVolume));
export const staffVolumeSnapshots = snapshotsOf('staffapi', 'staff');
export const userVolumeSnapshots = snapshotsOf('api', 'enduser');
export const staffVolumeBackups = backupsOf('staffapi', 'staff');
export const userVolumeBackups = backupsOf('api', 'enduser');
export const userVolumeTypes = typesOf('api', 'enduser');
export const staffVolumeTypes = {
  ...typesOf('staffapi', 'staff'),
  create: contract({
    ...typeCommon,
    method: 'post',
    path: '/staffapi/openstack/volumetypes',
    status: 201,
    summary: 'Create a volume type',
    description:
      'Offers a kind of volumes in a region. `backend_name` is what the hypervisor calls it; absent, the same. One ' +
      'that is not public is given by staff only.',
    body: drf.dict({ region: drf.char({ max: 64 }), ...typeFields }),
    response: volumeType,
  }),
  patch: contract({
    ...typeCommon,
    method: 'patch',
    path: '/staffapi/openstack/volumetypes/:id',
    status: 200,
    summary: 'Change a volume type',
    description: 'Changes the fields that are sent. Volumes that are there stay as they are.',
    params: idParam,
    body: drf.partial(typeFields),
    response: volumeType,
  }),
  remove: contract({
    ...typeCommon,
    method: 'delete',
    path: '/staffapi/openstack/volumetypes/:id',
    status: 204,
    refusals: [409],
    summary: 'Delete a volume type',
    description: 'Deletes a volume type. 409 while volumes are of it.',
    params: idParam,
  }),
};
