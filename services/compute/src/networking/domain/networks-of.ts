import { invalid, type Tx } from '@nefos/service-kit';
import { findNetworks, type NetworkWithSubnets } from '../../catalog/domain/parts.js';
import { unknownKey } from '../../refusals.js';

/** One of the cloud's own external networks, which clouds do not share, since no machine is put on it. */
export const leadsOutside = ({
  routerExternal,
  projectId,
  backendId,
}: Pick<NetworkWithSubnets, 'routerExternal' | 'projectId' | 'backendId'>): boolean =>
  routerExternal && projectId === null && backendId !== null;

/**
 * A network that the project may use; it is not deleted while this transaction lasts.
 * @param options.outside it is to lead outside
 * @throws Fault invalid
 */
export const usableNetwork = async (
  tx: Tx,
  id: string,
  { projectId, path, outside = false }: { projectId: string; path: readonly PropertyKey[]; outside?: boolean },
): Promise<NetworkWithSubnets> => {
  const [found] = await findNetworks(tx, [id]);
  if (!found || (!found.shared && found.projectId !== projectId && !(outside && leadsOutside(found))))
    throw invalid([unknownKey(path, id)]);
  return found;
};
