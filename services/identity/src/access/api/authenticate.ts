import { identity } from '@nefos/contracts';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import { userOf } from '../domain/caller.js';
import { authenticatedJson, authenticatedView } from './authenticate.view.js';

const endpoint = endpointFor<IdentityCtx>();
export const authenticateEndpoints = [
  endpoint(identity.authenticate, async (ctx, { query }) => {
    const directory = await ctx.directory.get();
    const token = userOf(ctx);
    // Quotas can not be read yet, and then the list is empty (contract identity §5.3).
    return query.usage
      ? { ...authenticatedView(directory, token), usage: [] }
      : new Reply(Buffer.from(authenticatedJson(directory, token)));
  }),
];
