import { invalid, notFound, type Tx } from '@nefos/service-kit';
import { findImage, mayUseImage, type Image } from '../../catalog/domain/parts.js';
import { callerOf } from '../../access/domain/caller.js';
import type { ComputeRequest } from '../../ctx.js';
import { invalidValue, unknownKey } from '../../refusals.js';
import { findMadeOf, type MadeOf } from '../store/instances.js';

/**
 * An image that an instance is to boot, and what the instance is made of.
 * @param options.iso whether it has to be an ISO image; false: it must be none
 * @throws Fault not_found, invalid
 */
export const findBootImage = async (
  ctx: ComputeRequest,
  tx: Tx,
  instanceId: string,
  imageId: string,
  { iso }: { iso: boolean },
): Promise<{ image: Image; instance: MadeOf }> => {
  const instance = await findMadeOf(tx, instanceId);
  if (!instance) throw notFound();
  const image = await findImage(tx, imageId);
  const absent = invalid([unknownKey(['image'], imageId)]);
  if (image?.regionId !== instance.regionId) throw absent;
  if (!(await mayUseImage(tx, image, instance.projectId)))
    throw callerOf(ctx).staff ? invalidValue(['image'], 'create.image_foreign') : absent;
  if (image.status !== 'active') throw invalidValue(['image'], 'create.image_inactive', { id: image.id });
  const isIso = image.type === 'iso' || image.diskFormat === 'iso';
  if (isIso !== iso) throw invalidValue(['image'], iso ? 'image.not_iso' : 'image.iso');
  return { image, instance };
};
