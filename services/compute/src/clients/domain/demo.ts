import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { projectsChanged } from '../../owners/domain/project-sync.js';
import { isLoaded, markLoaded } from '../../users/domain/bootstrap.js';
import { insertSeedClients } from '../store/demo.js';

/**
 * Loads the demo data, once in the life of a database; after a crash in between it is loaded again.
 * @param cloud loads the catalog
 */
export const loadDemo = async (ctx: ComputeCtx, cloud: () => Promise<void>): Promise<void> => {
  if (await isLoaded(dbOf(ctx), 'demo')) return;
  await dbOf(ctx).transaction(async (tx) => {
    for (const client of await insertSeedClients(tx)) await projectsChanged(tx, client);
  });
  await cloud();
  await markLoaded(dbOf(ctx), 'demo');
};
