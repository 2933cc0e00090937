import { readFileSync } from 'node:fs';
import { bootstrap } from '@nefos/contracts';
import { ConfigError } from '@nefos/service-kit';
import { camelKeys } from './camel-keys.js';
import type { ComputeCtx } from './ctx.js';
import { bootstrapUsers } from './users/domain/bootstrap.js';
import { loadDemo } from './clients/domain/demo.js';
import { loadCloudFixture } from './catalog/store/demo.js';

const readBootstrap = (file: string) => {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, 'utf8'));
  } catch (err) {
    throw new ConfigError([`NEFOS_BOOTSTRAP_FILE: can not read ${file} (${(err as Error).message})`]);
  }
  const found = bootstrap.safeParse(read);
  if (!found.success)
    throw new ConfigError(
      found.error.issues.map((one) => `NEFOS_BOOTSTRAP_FILE: ${one.path.join('.')}: ${one.message}`),
    );
  return found.data;
};

/** Loads the demo data and the users of the bootstrap file, each once, before the first request. Existing rows are not changed. */
export const seed = async (ctx: ComputeCtx): Promise<void> => {
  if (ctx.config.NEFOS_FIXTURE === 'demo') await loadDemo(ctx, () => loadCloudFixture(ctx.db));
  if (ctx.config.NEFOS_BOOTSTRAP_FILE !== undefined)
    await bootstrapUsers(ctx, readBootstrap(ctx.config.NEFOS_BOOTSTRAP_FILE).compute.users.map(camelKeys));
};
