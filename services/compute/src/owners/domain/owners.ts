/** The client that owns an instance: functions for later areas to read and lock it. */
export { availableCredit, lockProject, shareHold, shareOwner, type Owner } from '../store/owners.js';
