import { invalid, type Tx } from '@nefos/service-kit';
import { lockFlavor, mayUseFlavor, type CreatableFlavor } from '../../catalog/domain/parts.js';
import { unknownKey } from '../../refusals.js';

/** A flavor of the region that the project may use. @throws Fault invalid: for the project there is none */
export const lockUsableFlavor = async (
  tx: Tx,
  id: string,
  { regionId, projectId }: { regionId: string; projectId: string },
): Promise<CreatableFlavor> => {
  const flavor = await lockFlavor(tx, id);
  if (flavor?.flavorRegion !== regionId || flavor.disabled || !(await mayUseFlavor(tx, flavor, projectId)))
    throw invalid([unknownKey(['flavor'], id)]);
  return flavor;
};
