import { identityInternal } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { activate, ensurePendingUser, removeUser } from '../../accounts/domain/accounts.js';
import { checkPasswordOf, issueFor, openSession, showSession } from '../domain/component-tokens.js';
import { demandTokenInReach } from '../domain/reach.js';
import { restrictToReading, revokeByAuditId } from '../../access/domain/revocation.js';
import { requireComponent } from '../../access/domain/tokens.js';
import { openTrustedSession } from '../domain/trusted-session.js';
import { setState, statesAfter } from '../../accounts/domain/user-states.js';
import { callerOf } from '../../access/api/credentials.js';

const endpoint = endpointFor<IdentityCtx>();
/** The calling component. Whether it may call is declared in the contract and judged before any handler. */
const component = (ctx: IdentityRequest): string => requireComponent(callerOf(ctx).record).component.name;
export const internalEndpoints = [
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
  endpoint(identityInternal.checkPassword, async (ctx, { params, body }) => {
    await checkPasswordOf(ctx, params.uuid, body.password);
  }),
  endpoint(identityInternal.issueToken, async (ctx, { params, body }) => {
    return issueFor(ctx, params.uuid, {
      label: body.label,
      form: body.form,
      expiresAt: body.expires_at,
      readOnly: body.read_only ?? false,
      madeWith: body.made_with,
    });
  }),
  endpoint(identityInternal.revokeToken, async (ctx, { params }) => {
    await demandTokenInReach(ctx, params.audit_id);
    await revokeByAuditId(ctx, params.audit_id);
  }),
  endpoint(identityInternal.restrictToken, async (ctx, { params }) => {
    await demandTokenInReach(ctx, params.audit_id);
    await restrictToReading(ctx, params.audit_id);
  }),
  endpoint(identityInternal.openSession, async (ctx, { params, body }) => {
    return openSession(ctx, params.uuid, body);
  }),
  endpoint(identityInternal.openTrustedSession, async (ctx, { params, body }) => {
    return openTrustedSession(ctx, params.uuid, { madeWith: body.made_with, seconds: body.seconds });
  }),
  endpoint(identityInternal.getSession, async (ctx, { params }) => {
    return showSession(ctx, params.audit_id);
  }),
  endpoint(identityInternal.closeSession, async (ctx, { params }) => {
    await demandTokenInReach(ctx, params.audit_id);
    await revokeByAuditId(ctx, params.audit_id, 'signed out');
  }),
  endpoint(identityInternal.setUserState, async (ctx, { params, body }) => {
    return setState(ctx, params.uuid, { active: body.is_active, sequence: body.sequence });
  }),
  endpoint(identityInternal.listUserStates, async (ctx, { query }) => {
    return { users: await statesAfter(ctx, query) };
  }),
];
