import { identityInternal } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { requireComponent } from '../../access/domain/tokens.js';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { activate, ensurePendingUser, removeUser } from '../domain/accounts.js';
import { setState, statesAfter } from '../domain/user-states.js';

const endpoint = endpointFor<IdentityCtx>();
/** The calling component. Whether it may call is declared in the contract and judged before any handler. */
const component = (ctx: IdentityRequest): string => requireComponent(callerOf(ctx).record).component.name;

/** What components do with users. */
export const internalUserEndpoints = [
  endpoint(identityInternal.putUser, async (ctx, { params, body }) => {
    const a = await ensurePendingUser(
      ctx,
      {
        uuid: params.uuid,
        email: body.email,
        firstName: body.first_name,
        lastName: body.last_name,
        password: body.password,
        termsExempt: body.staff,
      },
      component(ctx),
    );
    return { uuid: a.uuid, email: a.username, is_active: a.isActive };
  }),
  endpoint(identityInternal.activateUser, async (ctx, { params }) => {
    await activate(ctx, params.uuid);
  }),
  endpoint(identityInternal.deleteUser, async (ctx, { params }) => removeUser(ctx, params.uuid, component(ctx))),
  endpoint(identityInternal.setUserState, async (ctx, { params, body }) => {
    return setState(ctx, params.uuid, { active: body.is_active, sequence: body.sequence });
  }),
  endpoint(identityInternal.listUserStates, async (ctx, { query }) => {
    return { users: await statesAfter(ctx, query) };
  }),
];
