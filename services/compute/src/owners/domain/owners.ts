/** The client that owns an instance: functions for later areas to read and lock it. */
export {
  availableCredit,
  listProjectIds,
  lockProject,
  projectExists,
  shareLockHold,
  shareLockOwner,
  type Owner,
} from '../store/owners.js';
