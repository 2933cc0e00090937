import { invalid, type Tx } from '@nefos/service-kit';
import { findNetworks, type NetworkWithSubnets } from '../../catalog/domain/parts.js';
import { unknownKey } from '../../refusals.js';

/** A network that the project may use; it is not deleted while this transaction lasts. @throws Fault invalid */
export const usableNetwork = async (
  tx: Tx,
  id: string,
  { projectId, path }: { projectId: string; path: readonly PropertyKey[] },
): Promise<NetworkWithSubnets> => {
  const [found] = await findNetworks(tx, [id]);
  if (!found || (!found.shared && found.projectId !== projectId)) throw invalid([unknownKey(path, id)]);
  return found;
};
