import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { idParam, one, optional } from './params.js';
import { BY_JOB, description, storageFault } from './storage-fields.js';
import { volume } from './volumes.js';

const contract = contractIn('volumes');

/** Snapshots and backups of volumes (contract compute §8.1). Staff objects also have `client`. */
const copied = {
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  volume_id: z.uuid(),
  size: z.int(),
  status: z.string(),
  region: z.string(),
  project_id: z.string(),
  fault: storageFault,
  created_at: z.string(),
  updated_at: z.string(),
  client: z.int().optional(),
};
export const volumeSnapshot = z.strictObject(copied).meta({ id: 'VolumeSnapshot' });
export const volumeBackup = z
  .strictObject({ ...copied, is_incremental: z.boolean(), parent_id: z.uuid().nullable() })
  .meta({ id: 'VolumeBackup' });

const renamed = drf.partial({
  name: drf.char({ max: 255 }),
  description: drf.char({ nullable: true, blank: true, max: 1024 }),
});
const copyQuery = listQuery.safeExtend({
  client: one.describe('only those of this client'),
  volume_id: one,
  status: one,
  region: one,
});

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

export const staffVolumeSnapshots = snapshotsOf('staffapi', 'staff');
export const userVolumeSnapshots = snapshotsOf('api', 'enduser');
export const staffVolumeBackups = backupsOf('staffapi', 'staff');
export const userVolumeBackups = backupsOf('api', 'enduser');
