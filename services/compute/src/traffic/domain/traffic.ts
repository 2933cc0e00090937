/** What later areas read and write of traffic, in their transactions. */
export {
  listDays,
  listDueLimits,
  lockTraffic,
  noteLimit,
  writeLimit,
  type LimitChanges,
  type LockedTraffic,
} from '../store/traffic.js';
