import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { isLoaded, markLoaded } from '../../users/domain/bootstrap.js';
import { insertSeedClients } from '../store/demo.js';

/** Loads the demo data once in this database's life. `cloud` loads what belongs to the regions; a crash in between loads again. */
export const loadDemo = async (ctx: ComputeCtx, cloud: () => Promise<void>): Promise<void> => {
  if (await isLoaded(dbOf(ctx), 'demo')) return;
  await dbOf(ctx).transaction(insertSeedClients);
  await cloud();
  await markLoaded(dbOf(ctx), 'demo');
};
