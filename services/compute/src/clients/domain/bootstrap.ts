import type { Bootstrap } from '@nefos/contracts';
import type { ComputeCtx } from '../../ctx.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import { insertBootstrapUser, insertSeedClients, isLoaded, markLoaded } from '../store/fixture.js';

/** Loads the demo data once in this database's life. `cloud` loads what belongs to the regions; a crash in between loads again. */
export const loadDemo = async (ctx: ComputeCtx, cloud: () => Promise<void>): Promise<void> => {
  if (await isLoaded(ctx.db, 'demo')) return;
  await ctx.db.transaction(insertSeedClients);
  await cloud();
  await markLoaded(ctx.db, 'demo');
};
/** Makes the portal's users that must exist, each once; changes none that is there. */
export const bootstrapUsers = (ctx: ComputeCtx, users: Bootstrap['compute']['users']): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    for (const user of users)
      for (const client of await insertBootstrapUser(tx, user))
        await publishAccount(tx, client, 'account.updated', ctx.clock.now());
  });
