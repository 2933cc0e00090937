import type { JobHandler } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { finishRevoke } from '../domain/tokens.js';
import { activateUser, sendState } from '../domain/user-states.js';
import { finishDeleteUser } from '../domain/users.js';

/** Jobs of users, sessions and tokens: each tells identity. */
export const userTasks = (ctx: ComputeCtx): Record<string, JobHandler> => ({
  'user.activate': ({ id }) => activateUser(ctx, Number(id)),
  'user.delete': ({ id }) => finishDeleteUser(ctx, Number(id)),
  'user.state': ({ id }) => sendState(ctx, Number(id)),
  'session.close': ({ audit_id }) => ctx.identity.closeSession(audit_id as string),
  'token.revoke': ({ id }) => finishRevoke(ctx, Number(id)),
});
