import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import { insertBootstrapUser, type BootstrapUser } from '../store/bootstrap.js';

export { isLoaded, markLoaded } from '../store/bootstrap.js';

/** Makes the users of the bootstrap file, each once in the life of a database; a user who is there is not changed. */
export const bootstrapUsers = (ctx: ComputeCtx, users: readonly BootstrapUser[]): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    for (const user of users)
      for (const client of await insertBootstrapUser(tx, user))
        await publishAccount(tx, client, 'account.updated', ctx.clock.now());
  });
