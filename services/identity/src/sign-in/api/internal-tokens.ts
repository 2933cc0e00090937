import { identityInternal } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { restrictToReading, revokeByAuditId } from '../../access/domain/revocation.js';
import type { IdentityCtx } from '../../ctx.js';
import { checkPasswordOf, issueFor, openSession, showSession } from '../domain/component-tokens.js';
import { demandTokenInReach } from '../domain/reach.js';
import { openTrustedSession } from '../domain/trusted-session.js';

const endpoint = endpointFor<IdentityCtx>();

/** Passwords, tokens and sessions that components check, make and end for users. */
export const internalTokenEndpoints = [
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
];
