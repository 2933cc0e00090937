import type { Tx } from '@nefos/service-kit';
import { projectsChanged } from '../../owners/domain/project-sync.js';
import { insertOrder, listAutoOrders } from '../store/products.js';
import { insertService } from '../store/services.js';

/**
 * Orders every product that is ordered automatically, in its cheapest public cycle of the client's currency, and
 * activates the services (contract compute §4.2).
 * @param externalBillingId of the services
 */
export const autoOrder = async (
  tx: Tx,
  clientId: number,
  externalBillingId: string | null,
  now: Date,
): Promise<void> => {
  const offers = await listAutoOrders(tx, clientId);
  if (!offers.length) return;
  const orderId = await insertOrder(tx, clientId);
  for (const { productId, cycleId: productCycleId, name: displayName, productType } of offers)
    await insertService(
      tx,
      { clientId, orderId, productId, productCycleId, displayName, productType, externalBillingId },
      now,
    );
  await projectsChanged(tx, clientId);
};
