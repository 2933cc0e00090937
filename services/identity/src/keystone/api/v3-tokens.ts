import { identity } from '@nefos/contracts';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { Request } from 'express';
import { callerOf } from '../../access/domain/caller.js';
import type { IdentityCtx } from '../../ctx.js';
import { issueV3 } from '../domain/v3-authentication.js';
import { revokeToken, tokenForV3 } from '../domain/visible-tokens.js';
import { v3TokenJson } from './v3-token.view.js';

const endpoint = endpointFor<IdentityCtx>();
const subjectOf = (req: Request): string | undefined => {
  const subject = req.headers['x-subject-token'];
  return typeof subject === 'string' ? subject : undefined;
};
export const v3TokenEndpoints = [
  endpoint(identity.issueV3Token, async (ctx, { body: { auth }, query }) => {
    const { methods, password, token: parent, application_credential: credential } = auth.identity;
    const { token, record } = await issueV3(ctx, { methods, password, token: parent, credential, scope: auth.scope });
    return new Reply(Buffer.from(v3TokenJson(await ctx.directory.get(), record, query.nocatalog === undefined)), {
      headers: { 'X-Subject-Token': token },
    });
  }),
  endpoint(identity.getV3Token, async (ctx, { query, req }) => {
    const subject = subjectOf(req);
    const found = await tokenForV3(ctx, callerOf(ctx).record, subject, { allowExpired: query.allow_expired === '1' });
    return new Reply(Buffer.from(v3TokenJson(await ctx.directory.get(), found, query.nocatalog === undefined)), {
      headers: { 'X-Subject-Token': subject ?? '', Vary: 'X-Auth-Token, X-Subject-Token' },
    });
  }),
  endpoint(identity.deleteV3Token, async (ctx, { req }) => revokeToken(ctx, callerOf(ctx).record, subjectOf(req))),
];
