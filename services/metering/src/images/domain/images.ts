import { forbidden, invalid, notFound } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import { findImage, listImages, lockImage, updateImage, type Image } from '../store/images.js';
import { SUPERUSER_ONLY } from '../../access/errors.js';
import { FIXED_FIELD } from '../../access/field-rules.js';
import type { Listing, Page } from '../../page.js';
import { ownUnlessSuperuser } from '../../access/domain/scope.js';
import type { User } from '../../access/domain/users.js';

export type { Image };

/** Images used by instances of the scope; a superuser's scope "all" has those without instances too. */
export const imagesOf = async (
  ctx: MeteringRequest,
  caller: User,
  userId: string | undefined,
  page: Page,
): Promise<Listing<Image>> => listImages(ctx.db, ownUnlessSuperuser(caller, userId), page);

export const imageOf = async (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<Image> => {
  const found = await findImage(ctx.db, id, ownUnlessSuperuser(caller, userId));
  if (!found) throw notFound();
  return found;
};

export interface Challenge {
  rhel?: boolean | undefined;
  openshift?: boolean | undefined;
  cloudType?: string | undefined;
}
/**
 * Whoever sees an image may challenge what was detected. A challenge holds for all users of the image and for all
 * past days. Nothing is saved when no flag was sent (contract metering §7).
 */
export const challenge = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
  flags: Challenge,
): Promise<Image> => {
  const scope = ownUnlessSuperuser(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const image = await lockImage(tx, id, scope);
    if (!image) throw notFound();
    if (flags.cloudType !== undefined && flags.cloudType !== image.content.cloud)
      throw invalid([{ path: ['cloud_type'], rule: FIXED_FIELD }]);
    if (flags.rhel === undefined && flags.openshift === undefined) return image;
    const challenged = {
      rhelChallenged: flags.rhel ?? image.rhelChallenged,
      openshiftChallenged: flags.openshift ?? image.openshiftChallenged,
    };
    return { ...image, ...challenged, updatedAt: await updateImage(tx, id, challenged) };
  });
};

/**
 * Sets the image back to `pending` and keeps its results.
 * @throws Fault forbidden for all but superusers, whatever the image
 */
export const reinspect = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<Image> => {
  if (!caller.isSuperuser) throw forbidden(SUPERUSER_ONLY);
  const scope = ownUnlessSuperuser(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const image = await lockImage(tx, id, scope);
    if (!image) throw notFound();
    return { ...image, status: 'pending', updatedAt: await updateImage(tx, id, { status: 'pending' }) };
  });
};
