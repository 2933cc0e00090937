/** The client behind a thing, as the areas after this one may read and hold it. */
export { availableCredit, lockProject, shareHold, shareOwner, type OwnerRow } from '../store/owners.js';
