import { compute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { camelKeys } from '../../camel-keys.js';
import { envelope } from '../../lists/api/envelope.js';
import { createToken, deleteToken, listTokens } from '../domain/tokens.js';
import { changeUser, createUser, deleteUser, getUser, listUsers } from '../domain/users.js';
import { newTokenView, tokenView, userView } from './users.view.js';

const endpoint = endpointFor<ComputeCtx>();

export const userEndpoints = [
  endpoint(compute.listUsers, async (ctx, { query, req }) =>
    envelope(ctx, req, await listUsers(ctx, query), userView(ctx)),
  ),
  endpoint(compute.createUser, async (ctx, { body: { clients, ...user } }) =>
    userView(ctx)(await createUser(ctx, camelKeys(user), clients)),
  ),
  endpoint(compute.getUser, async (ctx, { params }) => userView(ctx)(await getUser(ctx, params.user_id))),
  endpoint(compute.patchUser, async (ctx, { params, body: { clients, ...changes } }) =>
    userView(ctx)(await changeUser(ctx, params.user_id, camelKeys(changes), clients)),
  ),
  endpoint(compute.deleteUser, async (ctx, { params }) => deleteUser(ctx, params.user_id)),
  endpoint(compute.listUserTokens, async (ctx, { params, query, req }) =>
    envelope(ctx, req, await listTokens(ctx, params.user_id, query), tokenView(ctx)),
  ),
  endpoint(compute.createUserToken, async (ctx, { params, body }) =>
    newTokenView(ctx, await createToken(ctx, params.user_id, camelKeys(body))),
  ),
  endpoint(compute.deleteUserToken, async (ctx, { params }) => deleteToken(ctx, params.user_id, params.token_id)),
  endpoint(compute.listOwnTokens, async (ctx, { query, req }) =>
    envelope(ctx, req, await listTokens(ctx, callerOf(ctx).userId, query), tokenView(ctx)),
  ),
  endpoint(compute.createOwnToken, async (ctx, { body }) =>
    newTokenView(ctx, await createToken(ctx, callerOf(ctx).userId, camelKeys(body))),
  ),
  endpoint(compute.deleteOwnToken, async (ctx, { params }) => deleteToken(ctx, callerOf(ctx).userId, params.token_id)),
];
