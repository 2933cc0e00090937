import type { ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { projectOnWire } from '../../facade/project-ids.js';
import type { AttachmentRow, BackupRow, CopyRow, TypeRow, VolumeRow } from '../domain/pages.js';

/** The portal's words that Cinder has otherwise. */
const STATUSES: Readonly<Record<string, string>> = { maintenance: 'reverting' };
export const statusOf = (status: string): string => STATUSES[status] ?? status;
/** The portal's word of a status of Cinder, for filters. */
export const statusNamed = (word: string): string => (word === 'reverting' ? 'maintenance' : word);

const admin = (ctx: ComputeRequest): boolean => ctx.scope?.admin ?? false;
const links = (ctx: ComputeRequest, things: string, id: string) => [
  { rel: 'self', href: publicUrl(ctx, `/volume/v3/${things}/${id}`) },
  { rel: 'bookmark', href: publicUrl(ctx, `/volume/${things}/${id}`) },
];
export const imageMetadataOf = (row: VolumeRow): Record<string, string> => ({
  ...(row.imageId !== null && { image_id: row.imageId }),
  ...(row.imageName !== null && { image_name: row.imageName }),
  ...row.imageMetadata,
});

export const shortVolume = (ctx: ComputeRequest, { id, name }: { id: string; name: string }) => ({
  id,
  name,
  links: links(ctx, 'volumes', id),
});
const attachmentOfVolume = (ctx: ComputeRequest, a: AttachmentRow) => ({
  id: a.volumeId,
  attachment_id: a.id,
  volume_id: a.volumeId,
  server_id: a.instanceId,
  host_name: admin(ctx) ? a.host : null,
  device: a.device,
  attached_at: a.createdAt,
});
/** A volume, with what the microversion and the caller add. */
export const volumeView = (ctx: ComputeRequest, row: VolumeRow) => {
  const image = imageMetadataOf(row);
  return {
    ...shortVolume(ctx, row),
    description: row.description,
    status: row.doomed ? 'deleting' : statusOf(row.status),
    size: row.sizeGb,
    availability_zone: row.regionId,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    attachments: row.attachments.filter(({ state }) => state !== 'reserved').map((one) => attachmentOfVolume(ctx, one)),
    volume_type: row.typeName,
    snapshot_id: row.snapshotId,
    source_volid: row.sourceVolumeId,
    metadata: row.metadata,
    user_id: null,
    bootable: String(row.bootable),
    encrypted: false,
    multiattach: false,
    replication_status: null,
    migration_status: null,
    consistencygroup_id: null,
    'os-vol-tenant-attr:tenant_id': projectOnWire(row.projectId),
    'os-volume-replication:driver_data': null,
    'os-volume-replication:extended_status': null,
    ...(Object.keys(image).length > 0 && { volume_image_metadata: image }),
    ...(admin(ctx) && {
      'os-vol-host-attr:host': `${row.regionId}@nefos#${row.regionId}`,
      'os-vol-mig-status-attr:migstat': null,
      'os-vol-mig-status-attr:name_id': null,
    }),
    ...(since(ctx, 13) && { group_id: null }),
    ...(since(ctx, 21) && admin(ctx) && { provider_id: null }),
    ...(since(ctx, 48) && { shared_targets: false, service_uuid: null }),
    ...(since(ctx, 61) && admin(ctx) && { cluster_name: null }),
    ...(since(ctx, 63) && { volume_type_id: row.typeId }),
    ...(since(ctx, 65) && { consumes_quota: true }),
  };
};
/** A snapshot in a list without details. */
export const shortSnapshot = (row: CopyRow) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  volume_id: row.volumeId,
  status: row.status,
  size: row.sizeGb,
  created_at: row.createdAt,
  updated_at: row.updatedAt,
  metadata: row.metadata,
});
export const snapshotView = (ctx: ComputeRequest, row: CopyRow) => ({
  ...shortSnapshot(row),
  'os-extended-snapshot-attributes:project_id': projectOnWire(row.projectId),
  'os-extended-snapshot-attributes:progress': row.status === 'creating' ? '0%' : '100%',
  ...(since(ctx, 14) && { group_snapshot_id: null }),
  ...(since(ctx, 41) && { user_id: null }),
  ...(since(ctx, 65) && { consumes_quota: true }),
});
export const shortBackup = (ctx: ComputeRequest, { id, name }: { id: string; name: string }) => ({
  id,
  name,
  links: links(ctx, 'backups', id),
});
export const backupView = (ctx: ComputeRequest, row: BackupRow) => ({
  ...shortBackup(ctx, row),
  description: row.description,
  status: row.status,
  size: row.sizeGb,
  volume_id: row.volumeId,
  snapshot_id: null,
  availability_zone: row.regionId,
  container: null,
  object_count: 0,
  is_incremental: row.parentId !== null,
  has_dependent_backups: row.hasChildren,
  fail_reason: row.faultMessage === null ? null : 'The operation failed.',
  created_at: row.createdAt,
  updated_at: row.updatedAt,
  data_timestamp: row.createdAt,
  ...(since(ctx, 18) && admin(ctx) && { 'os-backup-project-attr:project_id': projectOnWire(row.projectId) }),
  ...(since(ctx, 43) && { metadata: row.metadata }),
  ...(since(ctx, 56) && admin(ctx) && { user_id: null }),
});
/** What end users see of extra specs (Cinder shows them these). */
const OPEN_SPECS = new Set(['multiattach', 'RESKEY:availability_zones', 'replication_enabled']);
export const specsView = (ctx: ComputeRequest, specs: Record<string, string>): Record<string, string> =>
  admin(ctx) ? specs : Object.fromEntries(Object.entries(specs).filter(([key]) => OPEN_SPECS.has(key)));
export const typeView = (ctx: ComputeRequest, row: TypeRow) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  is_public: row.isPublic,
  'os-volume-type-access:is_public': row.isPublic,
  extra_specs: specsView(ctx, row.extraSpecs),
  ...(admin(ctx) && { qos_specs_id: null }),
});
export const shortAttachment = (a: AttachmentRow) => ({
  id: a.id,
  status: a.state,
  instance: a.instanceId,
  volume_id: a.volumeId,
});
export const attachmentView = (a: AttachmentRow) => ({
  ...shortAttachment(a),
  attached_at: a.state === 'attached' || a.state === 'detaching' ? a.createdAt : null,
  detached_at: null,
  attach_mode: 'rw',
  connection_info: {},
});
