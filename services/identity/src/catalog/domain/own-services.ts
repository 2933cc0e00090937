import type { Tx } from '@nefos/service-kit';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import type { IdentityCtx } from '../../ctx.js';
import { findComponent, insertComponent } from '../store/components.js';
import { insertEndpoint } from '../store/endpoints.js';
import { insertService, listServices } from '../store/services.js';
import { OWN_SERVICES, type BAREMETAL_SERVICES, type CLOUD_SERVICES } from './own-names.js';

/** The component that owns what Nefos itself serves. */
const ownComponent = async (tx: Tx): Promise<number | undefined> => {
  const owner = (await findComponent(tx, 'astakos')) ?? (await findComponent(tx, 'grnet cloud'));
  return owner?.id ?? insertComponent(tx, { name: 'astakos', url: '/ui/', listed: true, position: 1 });
};

/** Registers those of identity's own services that are missing; existing ones are not changed. */
export const ensureOwnServices = (ctx: IdentityCtx): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    for (const { name, type, data } of OWN_SERVICES) {
      const componentId = await ownComponent(tx);
      const id = componentId === undefined ? undefined : await insertService(tx, { name, type, componentId });
      if (id !== undefined) {
        await insertEndpoint(tx, id, data);
        invalidate('directory');
      }
    }
  });

/**
 * Registers what the other services of Nefos serve. A type that has a service already keeps it: clients take one
 * service per type.
 */
export const registerCloudServices = async (
  tx: Tx,
  services: typeof CLOUD_SERVICES | typeof BAREMETAL_SERVICES,
  invalidate: (what: 'directory') => void,
): Promise<void> => {
  const taken = new Set((await listServices(tx)).filter((one) => !one.document).map(({ type }) => type));
  for (const { name, type, data } of services) {
    const componentId = taken.has(type) ? undefined : await ownComponent(tx);
    const id = componentId === undefined ? undefined : await insertService(tx, { name, type, componentId });
    if (id === undefined) continue;
    await insertEndpoint(tx, id, data);
    invalidate('directory');
  }
};
