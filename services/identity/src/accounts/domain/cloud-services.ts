import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { registerCloudServices } from '../../catalog/domain/own-services.js';
import type { IdentityCtx } from '../../ctx.js';
import { markLoaded } from '../store/loaded.js';

/** Registers what the other services serve, once in the life of the database: what an operator removes stays away. */
export const loadCloudServices = (ctx: IdentityCtx): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    if (await markLoaded(tx, 'catalog:cloud')) await registerCloudServices(tx, invalidate);
  });
