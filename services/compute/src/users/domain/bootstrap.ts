import type { Bootstrap } from '@nefos/contracts';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import { insertBootstrapUser } from '../store/bootstrap.js';

export { isLoaded, markLoaded } from '../store/bootstrap.js';

/** Makes the portal's users that must exist, each once; changes none that is there. */
export const bootstrapUsers = (ctx: ComputeCtx, users: Bootstrap['compute']['users']): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    for (const user of users)
      for (const client of await insertBootstrapUser(tx, user))
        await publishAccount(tx, client, 'account.updated', ctx.clock.now());
  });
