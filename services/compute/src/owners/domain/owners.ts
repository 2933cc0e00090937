/** The client that owns an instance, as the areas after this one read and lock it. */
export { availableCredit, lockProject, shareHold, shareOwner, type Owner } from '../store/owners.js';
