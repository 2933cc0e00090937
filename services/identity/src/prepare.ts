import { readBootstrapFile } from '@nefos/service-kit';
import { loadBootstrap } from './accounts/domain/bootstrap.js';
import { loadDemoFixture } from './accounts/domain/fixture.js';
import { loadCloudServices } from './accounts/domain/cloud-services.js';
import { ensureOwnServices } from './catalog/domain/own-services.js';
import type { IdentityCtx } from './ctx.js';

/**
 * Creates what must exist and is missing: the demo's users, identity's own services,
 * those of the other services, the principals of the bootstrap
 * file.
 */
export const prepare = async (ctx: IdentityCtx, bootstrapFile: string | undefined): Promise<void> => {
  if (ctx.settings.fixture === 'demo') await loadDemoFixture(ctx);
  await ensureOwnServices(ctx);
  await loadCloudServices(ctx);
  if (bootstrapFile) await loadBootstrap(ctx, readBootstrapFile(bootstrapFile));
};
