import { forbidden, invalid, notFound } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import { challengeImage, findImage, listImages, lockImage, setImageStatus } from '../store/images.js';
import { SUPERUSER_ONLY } from '../../access/domain/errors.js';
import type { Listing, Page } from '../../page.js';
import { ownOr } from '../../access/domain/scope.js';
import type { User } from '../../access/domain/users.js';

export type ImageStatus = 'pending' | 'preparing' | 'inspecting' | 'inspected' | 'error' | 'unavailable';
export interface AwsImageContent {
  cloud: 'aws';
  id: number;
  ec2AmiId: string;
  ownerAwsAccountId: string | null;
  platform: string;
  region: string | null;
  createdAt: string;
  updatedAt: string;
}
export interface NefosImageContent {
  cloud: 'nefos';
  id: number;
  uuid: string;
  osDistro: string | null;
  createdAt: string;
  updatedAt: string;
}
export interface Image {
  id: number;
  name: string | null;
  status: ImageStatus;
  isEncrypted: boolean;
  /** Text as the inspector wrote it. */
  inspectionJson: string | null;
  rhelDetected: boolean;
  rhelChallenged: boolean;
  rhelVersion: string | null;
  syspurpose: string | null;
  openshiftDetected: boolean;
  openshiftChallenged: boolean;
  createdAt: string;
  updatedAt: string;
  content: AwsImageContent | NefosImageContent;
}

/** Images used by instances of the scope; a superuser's scope "all" has those without instances too. */
export const imagesOf = async (
  ctx: MeteringRequest,
  caller: User,
  userId: string | undefined,
  page: Page,
): Promise<Listing<Image>> => listImages(ctx.db, ownOr(caller, userId), page);

export const imageOf = async (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<Image> => {
  const found = await findImage(ctx.db, id, ownOr(caller, userId));
  if (!found) throw notFound();
  return found;
};

export interface Challenge {
  rhel?: boolean | undefined;
  openshift?: boolean | undefined;
  cloudType?: string | undefined;
}
/** Whoever sees an image may doubt what was detected; it holds for all its users and all past days. Saved only when a flag was sent. */
export const challenge = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
  flags: Challenge,
): Promise<Image> => {
  const scope = ownOr(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const image = await lockImage(tx, id, scope);
    if (!image) throw notFound();
    if (flags.cloudType !== undefined && flags.cloudType !== image.content.cloud)
      throw invalid([{ path: ['cloud_type'], rule: 'text', values: { text: 'You cannot update field cloud_type.' } }]);
    if (flags.rhel === undefined && flags.openshift === undefined) return image;
    const rhelChallenged = flags.rhel ?? image.rhelChallenged;
    const openshiftChallenged = flags.openshift ?? image.openshiftChallenged;
    return {
      ...image,
      rhelChallenged,
      openshiftChallenged,
      updatedAt: await challengeImage(tx, id, rhelChallenged, openshiftChallenged),
    };
  });
};

/** Sets the image back to `pending` and keeps its results. @throws Fault forbidden for all but superusers, whatever the image */
export const reinspect = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<Image> => {
  if (!caller.isSuperuser) throw forbidden(SUPERUSER_ONLY);
  const scope = ownOr(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const image = await lockImage(tx, id, scope);
    if (!image) throw notFound();
    return { ...image, status: 'pending', updatedAt: await setImageStatus(tx, id, 'pending') };
  });
};
