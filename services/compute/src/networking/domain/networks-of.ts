import { invalid, type Tx } from '@nefos/service-kit';
import { findNetworks, type NetworkWithSubnets } from '../../catalog/domain/parts.js';
import { unknownKey } from '../../refusals.js';

/**
 * A network that the project may use; it is not deleted while this transaction lasts.
 * @param options.outside it is to lead outside: then it may also be one of the cloud's own external networks, which
 *   clouds do not share, since no machine is put on it
 * @throws Fault invalid
 */
export const usableNetwork = async (
  tx: Tx,
  id: string,
  { projectId, path, outside = false }: { projectId: string; path: readonly PropertyKey[]; outside?: boolean },
): Promise<NetworkWithSubnets> => {
  const [found] = await findNetworks(tx, [id]);
  const isOutside = outside && found?.routerExternal && found.projectId === null && found.backendId !== null;
  if (!found || (!found.shared && found.projectId !== projectId && !isOutside)) throw invalid([unknownKey(path, id)]);
  return found;
};
