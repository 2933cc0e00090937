import type { Tx } from '@nefos/service-kit';
import { recordThing, type Happened } from '../store/recorded.js';

/** What the network keeps of an instance: for later areas to read. */
export { listFloatingOfInstance } from '../store/floating-ips.js';
export {
  addGroup as addGroupTo,
  findPort,
  insertPort,
  listGroupsOfInstance,
  listPortsOfInstance,
  listWithoutAddress,
  lockPort,
  lockPortsOfInstance,
  nextPosition,
  removeGroup as removeGroupFrom,
  replaceGroups,
  updatePort,
  writeNetworksOf,
  type Port,
  type ShownPort,
} from '../store/ports.js';
export { dropAddress, refreshAddresses } from '../store/addresses.js';
export { findFloatingIp, lockFloatingIp, lockLeadingTo } from '../store/floating-ips.js';
export { shareLockGroups } from '../store/security-groups.js';
export { listSubnetsOf } from '../store/subnets.js';
/** Readers of events hear of a change of the port that its driver needs not be told. */
export const recordPort = (tx: Tx, id: string, happened: Happened): Promise<void> =>
  recordThing(tx, 'port', id, happened);
