import type { Queryable } from '@nefos/service-kit';
import { listAddresses } from '../store/port-addresses.js';

/** The MAC addresses of a node's ports, those that boot first. */
export const listPortAddresses = async (q: Queryable, nodeUuid: string): Promise<string[]> =>
  (await listAddresses(q, nodeUuid)).map(({ address }) => address);
