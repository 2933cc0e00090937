import { randomBytes } from 'node:crypto';
import type { ComputeRequest } from '../../ctx.js';
import { invalidValue, refusal } from '../../refusals.js';
import { isVolumeBacked } from '../../volumes/domain/for-instances.js';
import { acceptAsked } from './accepting.js';
import { findBootImage } from './boot-images.js';
import { checkGuest, checkPassword, type GuestInput } from './guests.js';

/**
 * Boots a rescue system, with the disk of the instance as its second one.
 * @param options.image null: the one that the hypervisor has for it
 * @returns the operation, and the password when one was made
 * @throws Fault as `acceptAsked`, and invalid
 */
export const requestRescue = async (
  ctx: ComputeRequest,
  id: string,
  { image: imageId, rootPassword }: { image: string | null; rootPassword: string | null },
): Promise<{ operationId: string; password: string | null }> => {
  const generated = rootPassword === null ? randomBytes(12).toString('base64url') : null;
  const operationId = await acceptAsked(
    ctx,
    id,
    { segment: 'rescue', permission: 'instances.rescue', needs: 'rescue', action: 'rescue' },
    async (tx) => {
      const found = imageId === null ? null : await findBootImage(ctx, tx, id, imageId, { iso: false });
      // The disk of the rescue system takes as much of the host as that of the instance.
      const rootGb = found?.instance.rootGb ?? 0;
      if (found && rootGb > 0 && found.image.minDisk > rootGb) throw invalidValue(['image'], 'create.disk_small');
      if (rootPassword !== null) checkPassword('root_password', rootPassword);
      return {
        params: found ? { image: found.image.id } : {},
        secret: { rootPassword: rootPassword ?? generated ?? '' },
      };
    },
  );
  return { operationId, password: generated };
};
/** Boots an ISO image, with the disk of the instance as its second one. @throws Fault as `acceptAsked`, and invalid */
export const requestIsoBoot = (ctx: ComputeRequest, id: string, imageId: string): Promise<string> =>
  acceptAsked(
    ctx,
    id,
    { segment: 'boot_from_iso', permission: 'instances.boot_from_iso', needs: 'boot_from_iso', action: 'bootIso' },
    async (tx) => {
      const { image } = await findBootImage(ctx, tx, id, imageId, { iso: true });
      return { params: { image: image.id } };
    },
  );
/** Ends a rescue, or a boot from an ISO image. @throws Fault as `acceptAsked` */
export const requestUnrescue = (ctx: ComputeRequest, id: string): Promise<string> =>
  acceptAsked(ctx, id, { segment: 'unrescue', permission: 'instances.unrescue', needs: 'rescue', action: 'unrescue' });

export interface RebuildInput extends GuestInput {
  image: string;
  name?: string | undefined;
}
/**
 * Makes the root disk of an instance anew from an image.
 * @throws Fault as `acceptAsked`, conflict/volume.backed, and invalid
 */
export const requestRebuild = (ctx: ComputeRequest, id: string, input: RebuildInput): Promise<string> =>
  acceptAsked(
    ctx,
    id,
    { segment: 'rebuild', permission: 'instances.rebuild', needs: 'rebuild', action: 'rebuild' },
    async (tx, { regionId }) => {
      if (await isVolumeBacked(tx, id)) throw refusal('conflict', 'volume.backed');
      const { image, instance } = await findBootImage(ctx, tx, id, input.image, { iso: false });
      if (image.minRam > instance.memoryMb) throw invalidValue(['image'], 'create.memory_small');
      if (image.minDisk > instance.rootGb) throw invalidValue(['image'], 'create.disk_small');
      return {
        params: {
          image: image.id,
          image_name: image.name,
          os_distro: image.osDistro,
          ...(input.name !== undefined && { name: input.name }),
        },
        secret: await checkGuest(ctx, tx, regionId, input),
      };
    },
  );
/** Sets the password of the guest. @throws Fault as `acceptAsked` */
export const requestPassword = (ctx: ComputeRequest, id: string, password: string): Promise<string> =>
  acceptAsked(
    ctx,
    id,
    {
      segment: 'change-password',
      permission: 'instances.change-password',
      needs: 'change_password',
      action: 'changePassword',
    },
    () => {
      checkPassword('password', password);
      return Promise.resolve({ secret: { rootPassword: password } });
    },
  );
