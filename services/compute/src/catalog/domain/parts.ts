/** What an instance is made of, read in the transaction that makes it. */
export { isGivenTo, takeFlavor, type TakenFlavor } from '../store/flavors.js';
export { findImage, isSharedWith, shareImage, type ImageRow } from '../store/images.js';
export { findNetworks } from '../store/networks.js';
export { findRegion, regionIds } from '../store/regions.js';
