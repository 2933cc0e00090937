import { readBootstrapFile } from '@nefos/service-kit';
import { camelKeys } from './camel-keys.js';
import type { ComputeCtx } from './ctx.js';
import { bootstrapUsers } from './users/domain/bootstrap.js';
import { loadDemo } from './clients/domain/demo.js';
import { loadCloudFixture } from './catalog/store/demo.js';

/**
 * Loads the demo data and the users of the bootstrap file, each once, before the first request. Existing rows stay as
 * they are.
 */
export const seed = async (ctx: ComputeCtx): Promise<void> => {
  if (ctx.config.NEFOS_FIXTURE === 'demo') await loadDemo(ctx, () => loadCloudFixture(ctx.db));
  if (ctx.config.NEFOS_BOOTSTRAP_FILE !== undefined)
    await bootstrapUsers(ctx, readBootstrapFile(ctx.config.NEFOS_BOOTSTRAP_FILE).compute.users.map(camelKeys));
};
