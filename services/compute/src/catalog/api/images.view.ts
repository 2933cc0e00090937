import type { Viewer } from '../../access/api/viewer.js';
import { localTime } from '../../local-time.js';
import { sentenceOf, wordingOf } from '../../refusals.js';
import type { ImageMember } from '../domain/image-members.js';
import type { ShownImage } from '../domain/images.js';

const faultView = (fault: ShownImage['fault'], zone: string) => {
  const wording = fault && wordingOf(fault.code);
  if (!fault || !wording) return null;
  return { code: wording.code, message: sentenceOf(wording, fault.params), created: localTime(fault.at, zone) };
};
/** Contract compute §8.1. Whose another's image is, and what the hypervisor calls it, is shown to staff only. */
export const imageView = (m: ShownImage, { staff, zone }: Viewer) => ({
  id: m.id,
  name: m.name,
  status: m.status,
  visibility: m.visibility,
  min_disk: m.minDisk,
  min_ram: m.minRam,
  size: Number(m.size),
  disk_format: m.diskFormat,
  container_format: m.containerFormat,
  os_distro: m.osDistro,
  os_version: m.osVersion,
  architecture: m.architecture,
  hw_qemu_guest_agent: m.hwQemuGuestAgent,
  hypervisor_type: m.hypervisorType,
  type: m.type,
  instance_uuid: m.own ? m.instanceId : null,
  region: m.regionId,
  project_id: m.own ? m.projectId : null,
  protected: m.protected,
  created_at: localTime(m.createdAt, zone),
  updated_at: localTime(m.updatedAt, zone),
  tags: m.tags,
  virtual_size: m.virtualSize === null ? null : Number(m.virtualSize),
  sha256: m.sha256,
  sha512: m.sha512,
  properties: m.properties,
  fault: m.own ? faultView(m.fault, zone) : null,
  ...(staff && { backend_id: m.backendId }),
});
export const memberView = (x: ImageMember, { zone }: Viewer) => ({
  project_id: x.projectId,
  created_at: localTime(x.createdAt, zone),
});
