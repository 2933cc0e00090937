import { compute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { localTime } from '../../local-time.js';
import { createToken, deleteToken, listTokens, type TokenRow } from '../domain/tokens.js';
import { changeUser, createUser, deleteUser, getUser, listUsers, type UserRow } from '../domain/users.js';
import { envelope } from '../../lists/api/envelope.js';

const endpoint = endpointFor<ComputeCtx>();
export const userView = (ctx: ComputeCtx) => (u: UserRow) => ({
  id: u.id,
  username: u.username,
  email: u.email,
  first_name: u.first_name,
  last_name: u.last_name,
  is_active: u.is_active,
  is_staff: u.is_staff,
  external_billing_id: u.external_billing_id,
  date_joined: localTime(u.created_at, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
  clients: u.client_ids,
});
const times = (ctx: ComputeCtx, t: TokenRow) => ({
  created: localTime(t.created_at, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
  expires_at: t.expires_at && localTime(t.expires_at, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
});
const tokenView = (ctx: ComputeCtx) => (t: TokenRow) => ({
  id: t.id,
  name: t.name,
  read_only: t.read_only,
  ...times(ctx, t),
});
const newTokenView = (ctx: ComputeCtx, t: TokenRow & { key: string }) => ({
  id: t.id,
  name: t.name,
  key: t.key,
  ...times(ctx, t),
});

export const userEndpoints = [
  endpoint(compute.listUsers, async (ctx, { query, req }) =>
    envelope(ctx, req, await listUsers(ctx, query), userView(ctx)),
  ),
  endpoint(compute.createUser, async (ctx, { body: { clients, ...wish } }) =>
    userView(ctx)(await createUser(ctx, wish, clients)),
  ),
  endpoint(compute.getUser, async (ctx, { params }) => userView(ctx)(await getUser(ctx, params.user_id))),
  endpoint(compute.patchUser, async (ctx, { params, body: { clients, ...changes } }) =>
    userView(ctx)(await changeUser(ctx, params.user_id, changes, clients)),
  ),
  endpoint(compute.deleteUser, async (ctx, { params }) => deleteUser(ctx, params.user_id)),
  endpoint(compute.listUserTokens, async (ctx, { params, query, req }) =>
    envelope(ctx, req, await listTokens(ctx, params.user_id, query), tokenView(ctx)),
  ),
  endpoint(compute.createUserToken, async (ctx, { params, body }) =>
    newTokenView(ctx, await createToken(ctx, params.user_id, body)),
  ),
  endpoint(compute.deleteUserToken, async (ctx, { params }) => deleteToken(ctx, params.user_id, params.token_id)),
  endpoint(compute.listOwnTokens, async (ctx, { query, req }) =>
    envelope(ctx, req, await listTokens(ctx, callerOf(ctx).userId, query), tokenView(ctx)),
  ),
  endpoint(compute.createOwnToken, async (ctx, { body }) =>
    newTokenView(ctx, await createToken(ctx, callerOf(ctx).userId, body)),
  ),
  endpoint(compute.deleteOwnToken, async (ctx, { params }) => deleteToken(ctx, callerOf(ctx).userId, params.token_id)),
];
