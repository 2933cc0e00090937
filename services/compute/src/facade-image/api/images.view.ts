import { isoZ6 } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { projectOnWire } from '../../facade/project-ids.js';
import { sentenceOf, wordingOf } from '../../refusals.js';
import type { ImageRow, MemberRow } from '../domain/images.js';

/** The one store that there is. */
export const STORE = 'file';
const seconds = (at: string): string => `${isoZ6(at).slice(0, 19)}Z`;
/** Glance's words for the portal's states. */
const STATUS: Readonly<Record<string, string>> = { gone: 'deleted', pending_delete: 'pending_delete' };
/** Why data did not become the image's, and where it is fetched to, as Glance tells of imports. */
const importOf = ({ status, fault }: ImageRow, own: boolean): Record<string, string> => {
  const wording = fault && wordingOf(fault.code);
  return {
    ...(status === 'importing' && { os_glance_importing_to_stores: STORE }),
    ...(status === 'queued' && fault && { os_glance_failed_import: STORE }),
    ...(own && fault && wording && { nefos_fault: sentenceOf(wording, fault.params) }),
  };
};
/** Columns of the portal that are properties of Glance. */
const propertiesOf = (m: ImageRow, own: boolean): Record<string, string> => ({
  ...m.properties,
  ...(m.osDistro !== null && { os_distro: m.osDistro }),
  ...(m.osVersion !== null && { os_version: m.osVersion }),
  ...(m.architecture !== null && { architecture: m.architecture }),
  ...(m.hypervisorType !== null && { hypervisor_type: m.hypervisorType }),
  ...(m.hwQemuGuestAgent && { hw_qemu_guest_agent: 'yes' }),
  ...(own && m.instanceId !== null && { instance_uuid: m.instanceId }),
  ...(m.type !== 'template' && { image_type: m.type }),
  nefos_region: m.regionId,
  ...importOf(m, own),
});
/**
 * An image as Glance shows it: bare, its properties flat beside its attributes (contract compute §12.4). Of others'
 * images neither their machine is told, nor what went wrong.
 */
export const imageView = (ctx: ComputeRequest, m: ImageRow): Record<string, unknown> => {
  const { admin, projectId } = scopeOf(ctx);
  const hasData = m.status === 'active' || m.status === 'deactivated';
  return {
    ...propertiesOf(m, admin || m.projectId === projectId),
    id: m.id,
    name: m.name,
    status: STATUS[m.status] ?? m.status,
    visibility: m.visibility,
    protected: m.protected,
    owner: m.projectId === null ? '' : projectOnWire(m.projectId),
    checksum: null,
    os_hash_algo: m.sha512 === null ? null : 'sha512',
    os_hash_value: m.sha512,
    os_hidden: m.hidden,
    container_format: m.containerFormat,
    disk_format: m.diskFormat,
    min_disk: m.minDisk,
    min_ram: m.minRam,
    size: hasData ? Number(m.size) : null,
    virtual_size: m.virtualSize === null ? null : Number(m.virtualSize),
    tags: m.tags,
    created_at: seconds(m.createdAt),
    updated_at: seconds(m.updatedAt),
    self: `/v2/images/${m.id}`,
    file: `/v2/images/${m.id}/file`,
    schema: '/v2/schemas/image',
  };
};
export const memberView = (m: MemberRow) => ({
  member_id: projectOnWire(m.projectId),
  image_id: m.imageId,
  status: m.status,
  created_at: seconds(m.createdAt),
  updated_at: seconds(m.createdAt),
  schema: '/v2/schemas/member',
});
