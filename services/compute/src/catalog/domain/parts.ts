/** What an instance is made of, read in the transaction that creates it. */
export { isFlavorGrantedTo, lockFlavor, type CreatableFlavor } from '../store/flavors.js';
export { isImageSharedWith, shareImage } from '../store/image-members.js';
export { findImage, type Image } from '../store/images.js';
export { deleteImagesOfClient } from './images.js';
export {
  beginSnapshotImage,
  deleteSnapshotImage,
  finishSnapshotImage,
  listBackupImages,
  listSavingSnapshots,
  type SnapshotInput,
} from './snapshot-images.js';
export { findNetworks } from '../store/networks.js';
export { findRegion, listRegionIds } from '../store/regions.js';
