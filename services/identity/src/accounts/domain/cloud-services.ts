import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { BAREMETAL_SERVICES, CLOUD_SERVICES } from '../../catalog/domain/own-names.js';
import { registerCloudServices } from '../../catalog/domain/own-services.js';
import type { IdentityCtx } from '../../ctx.js';
import { markLoaded } from '../store/loaded.js';

/** What is registered once: a mark for each set, since an installation may be older than the services of one. */
const SETS = [
  ['catalog:cloud', CLOUD_SERVICES],
  ['catalog:baremetal', BAREMETAL_SERVICES],
] as const;
/** Registers what the other services serve, once in the life of the database: what an operator removes stays away. */
export const loadCloudServices = (ctx: IdentityCtx): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    for (const [mark, services] of SETS)
      if (await markLoaded(tx, mark)) await registerCloudServices(tx, services, invalidate);
  });
