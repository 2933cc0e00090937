import type { Queryable } from '@nefos/service-kit';
import { isFlavorGrantedTo, type CreatableFlavor } from '../store/flavors.js';
import { isImageSharedWith } from '../store/image-members.js';
import type { Image } from '../store/images.js';
import { isFlavorOfResellerOf } from '../store/resellers.js';

/** What an instance is made of, read in the transaction that creates it. */
export { findFlavorOfSize, findFlavorSize, lockFlavor, type CreatableFlavor } from '../store/flavors.js';
export { shareImage } from '../store/image-members.js';
export { findImage, type Image } from '../store/images.js';
export { deleteImagesOfClient } from './images.js';
export {
  beginSnapshotImage,
  beginVolumeImage,
  deleteSnapshotImage,
  deleteUnfinishedSnapshot,
  finishSnapshotImage,
  listBackupImages,
  listSavingSnapshots,
  type SnapshotInput,
} from './snapshot-images.js';
export {
  findNetwork,
  findNetworks,
  findNics,
  insertNetwork,
  lockNetwork,
  type Network,
  type NetworkWithSubnets,
} from '../store/networks.js';
export { findSubnet, insertSubnet, listSubnetsOfNetwork } from '../store/subnets.js';
export { getNetwork } from './catalog.js';
export {
  changeNetwork,
  createNetwork,
  removeNetwork,
  removeNetworkIn,
  type NetworkChange,
  type NetworkHooks,
} from './networks.js';
export { changeSubnet, createSubnet, removeSubnet } from './subnets.js';
export { findRegion, listRegionIds } from '../store/regions.js';

/** Whether a project may use the flavor: it is public or granted, and of its own reseller if it is a reseller's. */
export const mayUseFlavor = async (q: Queryable, flavor: CreatableFlavor, projectId: string): Promise<boolean> =>
  (flavor.isPublic || (await isFlavorGrantedTo(q, flavor.flavorId, projectId))) &&
  (flavor.resellerResourcesId === null || (await isFlavorOfResellerOf(q, flavor.flavorId, projectId)));
/** Whether a project may boot the image: it is everybody's, its own, or shared with it. */
export const mayUseImage = async (q: Queryable, image: Image, projectId: string): Promise<boolean> =>
  image.visibility === 'public' ||
  image.visibility === 'community' ||
  image.projectId === projectId ||
  isImageSharedWith(q, image.id, projectId);
