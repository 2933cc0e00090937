import {
  boolean,
  computed,
  instant,
  integer,
  jsonb,
  nullable,
  table,
  text,
  uuid,
  withDefault,
  type Row,
} from '@nefos/service-kit';
import type { Failure } from '../operations/tables.js';
import type { AttachmentState, BackupStatus, SnapshotStatus, VolumeStatus } from './volume-states.js';

/** Words with values, as the OpenStack API has them. */
export type Labels = Record<string, string>;

/** Kinds of volumes that a region offers. */
export const volumeTypes = table(
  'volume_type',
  {
    id: uuid(),
    regionId: text(),
    name: text(),
    description: withDefault(text()),
    /** False: only staff give it. */
    isPublic: withDefault(boolean()),
    /** The hypervisor's own name of it; null: the same. */
    backendName: nullable(text()),
    /** Words of the OpenStack API about it. */
    extraSpecs: withDefault(jsonb<Labels>()),
    createdAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type VolumeType = Row<typeof volumeTypes>;

/** Volumes. A row goes when the hypervisor has no such volume any more. */
export const volumes = table(
  'volume',
  {
    id: uuid(),
    clientId: integer(),
    projectId: text(),
    regionId: text(),
    /** Null: the hypervisor's default. */
    typeId: nullable(uuid()),
    name: text(),
    description: nullable(text()),
    sizeGb: integer(),
    /** The size to come while it is being extended. */
    wantedGb: nullable(integer()),
    status: text<VolumeStatus>(),
    bootable: withDefault(boolean()),
    deleteProtection: withDefault(boolean()),
    /** Goes as soon as nothing needs it: its client or the service has ended. */
    doomed: withDefault(boolean()),
    /** What it was filled with. The image may be gone since; name and distribution are as they were. */
    imageId: nullable(uuid()),
    imageName: nullable(text()),
    osDistro: nullable(text()),
    sourceSnapshotId: nullable(uuid()),
    sourceVolumeId: nullable(uuid()),
    sourceBackupId: nullable(uuid()),
    /** The operation that has changed its status last. */
    operationId: nullable(uuid()),
    backendId: nullable(text()),
    fault: nullable(jsonb<Failure & { created: string }>()),
    metadata: withDefault(jsonb<Labels>()),
    /** What was said of its image beside the image's name. */
    imageMetadata: withDefault(jsonb<Labels>()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
    searchText: computed(text()),
  },
  { primary: ['id'] },
);
export type Volume = Row<typeof volumes>;

/** Which instance has a volume, or is to have it. */
export const volumeAttachments = table(
  'volume_attachment',
  {
    id: uuid(),
    volumeId: uuid(),
    instanceId: uuid(),
    device: nullable(text()),
    /** A word of the OpenStack API about it. */
    tag: nullable(text()),
    /** It is the root disk. */
    boot: withDefault(boolean()),
    deleteOnTermination: withDefault(boolean()),
    /** `reserved`: the instance is being built. */
    state: text<AttachmentState>(),
    createdAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type VolumeAttachment = Row<typeof volumeAttachments>;

/** What snapshots and backups have in common. */
const copy = {
  id: uuid(),
  volumeId: uuid(),
  clientId: integer(),
  projectId: text(),
  regionId: text(),
  name: text(),
  description: nullable(text()),
  sizeGb: integer(),
  doomed: withDefault(boolean()),
  operationId: nullable(uuid()),
  backendId: nullable(text()),
  fault: nullable(jsonb<Failure & { created: string }>()),
  metadata: withDefault(jsonb<Labels>()),
  createdAt: withDefault(instant()),
  updatedAt: withDefault(instant()),
};
export const volumeSnapshots = table(
  'volume_snapshot',
  { ...copy, status: text<SnapshotStatus>() },
  { primary: ['id'] },
);
export type VolumeSnapshot = Row<typeof volumeSnapshots>;

/** Copies of volumes that outlive them. */
export const volumeBackups = table(
  'volume_backup',
  {
    ...copy,
    /** The hypervisor's own id of the volume, which may be gone. */
    volumeBackendId: nullable(text()),
    /** The backup that an incremental one builds on. */
    parentId: nullable(uuid()),
    bootable: withDefault(boolean()),
    osDistro: nullable(text()),
    status: text<BackupStatus>(),
  },
  { primary: ['id'] },
);
export type VolumeBackup = Row<typeof volumeBackups>;
