import { identityInternal } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { restrictToReading, revokeByAuditId } from '../../access/domain/revocation.js';
import type { IdentityCtx } from '../../ctx.js';
import { demandTokenInReach } from '../domain/component-reach.js';
import { checkPasswordOf, issueFor, liveSession, openSession } from '../domain/component-tokens.js';
import { openTrustedSession } from '../domain/trusted-session.js';
import { issuedTokenView, openedSessionView, sessionView } from './internal-tokens.view.js';

const endpoint = endpointFor<IdentityCtx>();

/** Passwords, tokens and sessions that components check, make and end for users. */
export const internalTokenEndpoints = [
  endpoint(identityInternal.checkPassword, async (ctx, { params, body }) => {
    await checkPasswordOf(ctx, params.uuid, body.password);
  }),
  endpoint(identityInternal.issueToken, async (ctx, { params, body }) => {
    const { label, form, expires_at: expiresAt, read_only: readOnly = false, made_with: madeWith } = body;
    const token = await issueFor(ctx, params.uuid, { label, form, expiresAt, readOnly, madeWith });
    return issuedTokenView(token, readOnly);
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
    return openedSessionView(await openSession(ctx, params.uuid, body));
  }),
  endpoint(identityInternal.openTrustedSession, async (ctx, { params, body }) => {
    const { made_with: madeWith, seconds } = body;
    return openedSessionView(await openTrustedSession(ctx, params.uuid, { madeWith, seconds }));
  }),
  endpoint(identityInternal.getSession, async (ctx, { params }) => {
    return sessionView(await liveSession(ctx, params.audit_id));
  }),
  endpoint(identityInternal.closeSession, async (ctx, { params }) => {
    await demandTokenInReach(ctx, params.audit_id);
    await revokeByAuditId(ctx, params.audit_id, 'signed out');
  }),
];
