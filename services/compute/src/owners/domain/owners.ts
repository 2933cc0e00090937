/** The client that owns an instance: functions for later areas to read and lock it. */
export { availableCredit, shareLockHold, shareLockOwner, type Owner } from '../store/owners.js';
