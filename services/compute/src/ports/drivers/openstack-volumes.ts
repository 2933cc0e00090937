import { DriverError } from '../driver.js';
import { VOLUME_ACTIONS, type VolumeAction, type VolumeDriver, type VolumeSource } from '../driver-volumes.js';
import { markOf, type Cinder, type Stored } from './openstack-cinder.js';
import { imageRefOf } from './openstack-create.js';
import { hasCode } from './openstack-errors.js';
import type { StoredImages } from './openstack-images.js';
import type { Projects } from './openstack-projects.js';

export const volumeAbilities = (backups: boolean): ReadonlySet<VolumeAction> =>
  new Set(VOLUME_ACTIONS.filter((one) => backups || one !== 'backup'));
const projectOf = (volume: Stored): string | undefined => volume['os-vol-tenant-attr:tenant_id'];

/** Volumes of Cinder v3. What is made of a volume is in the volume's project. */
export const createVolumes = (
  cinder: Cinder,
  projects: Projects,
  images: StoredImages,
  { shared, backups }: { shared: boolean; backups: boolean },
): VolumeDriver => {
  const owner = shared ? () => undefined : projectOf;
  const sourceOf = async (source: VolumeSource): Promise<object> => {
    if ('image' in source) return { imageRef: imageRefOf(source.image) };
    if ('snapshot' in source) return { snapshot_id: (await cinder.demand('snapshot', source.snapshot)).id };
    if ('backup' in source) return { backup_id: (await cinder.demand('backup', source.backup)).id };
    return { source_volid: (await cinder.demand('volume', source.volume)).id };
  };
  return {
    capabilities: volumeAbilities(backups),
    create: ({ portalId, projectId, name, sizeGb, type, source }) =>
      cinder.once('volume', portalId, async () => {
        const project = await projects.of(projectId);
        const volume = {
          ...markOf(portalId, name),
          size: sizeGb,
          ...(type !== null && { volume_type: type }),
          ...(source && (await sourceOf(source))),
        };
        try {
          await cinder.ask('POST', '/volumes', { body: { volume }, project });
        } catch (err) {
          // The project may be gone that is remembered.
          if (hasCode(err, 'AUTH')) projects.forget(projectId);
          throw err;
        }
      }),
    get: (ref) => cinder.view('volume', ref),
    extend: async (ref, sizeGb) => {
      const volume = await cinder.demand('volume', ref);
      if (volume.size >= sizeGb || volume.status === 'extending') return;
      await cinder.act('volume', volume, { 'os-extend': { new_size: sizeGb } });
    },
    destroy: (ref) => cinder.destroy('volume', ref),
    list: (page) => cinder.list('volume', page),
    createSnapshot: (ref, { portalId, name }) =>
      cinder.once('snapshot', portalId, async () => {
        const volume = await cinder.demand('volume', ref);
        const snapshot = { ...markOf(portalId, name), volume_id: volume.id, force: true };
        await cinder.ask('POST', '/snapshots', { body: { snapshot }, project: owner(volume) });
      }),
    getSnapshot: (_volume, snapshot) => cinder.view('snapshot', snapshot),
    destroySnapshot: (_volume, snapshot) => cinder.destroy('snapshot', snapshot),
    revert: async (ref, snapshot) => {
      const volume = await cinder.demand('volume', ref);
      if (volume.status === 'reverting') return;
      const { id } = await cinder.demand('snapshot', snapshot);
      await cinder.act('volume', volume, { revert: { snapshot_id: id } });
    },
    // Which one it builds on is Cinder's own choice: the newest.
    createBackup: (ref, { portalId, name, parent }) =>
      cinder.once('backup', portalId, async () => {
        const volume = await cinder.demand('volume', ref);
        const backup = { ...markOf(portalId, name), volume_id: volume.id, incremental: parent !== null, force: true };
        await cinder.ask('POST', '/backups', { body: { backup }, project: owner(volume) });
      }),
    getBackup: (backup) => cinder.view('backup', backup),
    destroyBackup: (backup) => cinder.destroy('backup', backup),
    restoreBackup: async (ref, target) => {
      const volume = await cinder.demand('volume', target);
      if (volume.status === 'restoring-backup') return;
      const { id } = await cinder.demand('backup', ref);
      const body = { restore: { volume_id: volume.id } };
      await cinder.ask('POST', `/backups/${encodeURIComponent(id)}/restore`, { body });
    },
    // Cinder gives the image the metadata that the volume has for images: the mark by which it is found.
    upload: async (ref, { imageId, name, diskFormat }) => {
      if (await images.found(imageId)) return;
      const volume = await cinder.demand('volume', ref);
      if (volume.status === 'uploading')
        throw new DriverError('INVALID_STATE', 'The volume is being uploaded already.');
      await cinder.act('volume', volume, { 'os-set_image_metadata': { metadata: images.mark(imageId) } });
      const upload = { image_name: name, disk_format: diskFormat, container_format: 'bare', force: true };
      await cinder.act('volume', volume, { 'os-volume_upload_image': upload }, owner(volume));
    },
    getUpload: (image) => images.view(image),
  };
};
