import { identityInternal } from '@nefos/contracts';
import { endpointFor, isoZ6 } from '@nefos/service-kit';
import { componentNameOf } from '../../access/domain/caller.js';
import type { IdentityCtx } from '../../ctx.js';
import { activatePendingUser, removeUser } from '../domain/component-users.js';
import { ensurePendingUser } from '../domain/new-accounts.js';
import { setState, statesAfter, type UserState } from '../domain/user-states.js';

const endpoint = endpointFor<IdentityCtx>();
const stateView = ({ uuid, isActive, stateChangedAt }: UserState) => ({
  uuid,
  is_active: isActive,
  changed_at: isoZ6(stateChangedAt),
});

/** Users, for components. */
export const internalUserEndpoints = [
  endpoint(identityInternal.putUser, async (ctx, { params, body }) => {
    const account = await ensurePendingUser(
      ctx,
      {
        uuid: params.uuid,
        email: body.email,
        firstName: body.first_name,
        lastName: body.last_name,
        password: body.password,
        termsExempt: body.staff,
      },
      componentNameOf(ctx),
    );
    return { uuid: account.uuid, email: account.username, is_active: account.isActive };
  }),
  endpoint(identityInternal.activateUser, async (ctx, { params }) => activatePendingUser(ctx, params.uuid)),
  endpoint(identityInternal.deleteUser, async (ctx, { params }) => removeUser(ctx, params.uuid, componentNameOf(ctx))),
  endpoint(identityInternal.setUserState, async (ctx, { params, body }) =>
    stateView(await setState(ctx, params.uuid, { active: body.is_active, sequence: body.sequence })),
  ),
  endpoint(identityInternal.listUserStates, async (ctx, { query: { after, after_uuid: afterUuid, limit } }) => ({
    users: (await statesAfter(ctx, { after, afterUuid, limit })).map(stateView),
  })),
];
